// Package aggregate joins the answers of several services into one, as far as they come in time.
package aggregate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"flotilla.dev/agent/internal/web"
)

// caller sends requests to services.
type caller interface {
	Do(request *http.Request, service, port string) (*http.Response, error)
}

// aggregator answers the requests that the gateway sends it, each with its plan.
type aggregator struct {
	services caller
	budget   *budget
	log      *slog.Logger
}

// What came of a part: its JSON, or why it is missing.
type result struct {
	content []byte
	release func()
	err     error
}

func (a *aggregator) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	requestID := request.Header.Get("X-Request-Id")
	if request.Method != http.MethodGet && request.Method != http.MethodHead {
		web.JSON(response, http.StatusMethodNotAllowed, web.Failure{
			Error: "method_not_allowed", Message: "This address is only for reading: GET or HEAD.", RequestID: requestID,
		})
		return
	}
	plan, err := parsePlan(request.Header.Get(planHeader))
	if err != nil {
		a.log.Error("a request has no usable plan", "error", err.Error(), "requestId", requestID)
		web.JSON(response, http.StatusInternalServerError, web.Failure{
			Error: "internal_error", Message: "The gateway does not say what to join here.", RequestID: requestID,
		})
		return
	}
	ctx, cancel := context.WithTimeout(request.Context(), plan.deadline())
	defer cancel()
	results := a.fetchAll(ctx, request, plan)
	defer func() {
		for _, result := range results {
			result.release()
		}
	}()
	if request.Context().Err() != nil {
		return // the caller is gone
	}
	joined, unavailable := join(plan, results)
	for i, part := range plan.Parts {
		if err := results[i].err; err != nil {
			a.log.Warn("a part is missing", "part", part.Name, "service", part.Service, "reason", err.Error(), "requestId", requestID)
		}
	}
	if len(unavailable) == len(plan.Parts) {
		response.Header().Set("Retry-After", "1")
		web.JSON(response, http.StatusServiceUnavailable, web.Failure{
			Error:     "unavailable",
			Message:   fmt.Sprintf("None of %s can be had now. Try again in a moment.", strings.Join(unavailable, ", ")),
			RequestID: requestID,
		})
		return
	}
	write(response, joined)
}

// fetchAll asks for all parts at once and returns when each has answered or the deadline has passed.
func (a *aggregator) fetchAll(ctx context.Context, request *http.Request, plan *plan) []result {
	header := passedOn(request.Header)
	results := make([]result, len(plan.Parts))
	var all sync.WaitGroup
	for i, part := range plan.Parts {
		all.Go(func() {
			results[i].release = func() {}
			a.fetch(ctx, request.Host, header.Clone(), part, plan.MaxBytes, &results[i])
		})
	}
	all.Wait()
	return results
}

func (a *aggregator) fetch(ctx context.Context, host string, header http.Header, part part, limit int64, into *result) {
	target, err := url.ParseRequestURI(part.Path)
	if err != nil {
		into.err = err
		return
	}
	request := (&http.Request{Method: http.MethodGet, URL: target, Host: host, Header: header}).WithContext(ctx)
	response, err := a.services.Do(request, part.Service, part.Port)
	if err != nil {
		into.err = reason(ctx, err)
		return
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		into.err = fmt.Errorf("it answered %d", response.StatusCode)
		return
	}
	into.content, into.release, err = a.budget.read(response.Body, limit)
	if err != nil {
		into.err = reason(ctx, err)
	} else if !json.Valid(into.content) {
		into.err = errors.New("its answer is no JSON")
	}
}

func reason(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errors.New("it did not answer before the deadline")
	}
	return err
}

// join puts the parts together in the plan's order; one that does not fit any more is missing like one that did not come.
func join(plan *plan, results []result) (pieces [][]byte, unavailable []string) {
	unavailable = []string{}
	size := int64(len(`{"unavailable":[]}`))
	pieces = append(pieces, []byte("{"))
	for i, part := range plan.Parts {
		result := &results[i]
		name := append(encode(part.Name), ':')
		if result.err == nil && size+int64(len(name)+len(result.content)+1) > plan.MaxBytes {
			result.err = errTooLarge
		}
		if result.err != nil {
			unavailable = append(unavailable, part.Name)
			continue
		}
		size += int64(len(name) + len(result.content) + 1)
		pieces = append(pieces, name, result.content, []byte(","))
	}
	return append(pieces, []byte(`"unavailable":`), encode(unavailable), []byte("}\n")), unavailable
}

func write(response http.ResponseWriter, pieces [][]byte) {
	length := 0
	for _, piece := range pieces {
		length += len(piece)
	}
	response.Header().Set("Content-Type", "application/json")
	response.Header().Set("Content-Length", strconv.Itoa(length))
	// It is the caller's own, and may be incomplete.
	response.Header().Set("Cache-Control", "no-store")
	for _, piece := range pieces {
		if _, err := response.Write(piece); err != nil {
			return // the caller is gone
		}
	}
}

func encode(value any) []byte {
	content, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings only
	}
	return content
}
