package registry_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/testkit"
)

// A lease ends with its server only once the others noticed its death, so whoever leaves meanwhile says so to them.
func TestConsulWithdrawsAtAnotherServerWhenItsOwnDied(t *testing.T) {
	t.Parallel()
	first := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer first.Close()
	forgotten := make(chan string, 2)
	second := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		switch request.Method + " " + request.URL.Path {
		case "GET /v1/catalog/service/shop-users":
			_ = json.NewEncoder(response).Encode([]map[string]string{
				{"Node": "registry-1", "ServiceID": "users-1"}, {"Node": "registry-1", "ServiceID": "users-2"},
			})
		case "PUT /v1/catalog/deregister":
			body, _ := io.ReadAll(request.Body)
			var gone struct{ Node, ServiceID string }
			_ = json.Unmarshal(body, &gone)
			forgotten <- gone.Node + " " + gone.ServiceID
		default:
			t.Errorf("the second server is asked to %s %s", request.Method, request.URL.Path)
		}
	}))
	defer second.Close()

	options := registry.Options{Kind: "consul", Endpoints: []string{first.URL, second.URL}, Prefix: "shop-"}
	from, err := registry.Open(options, testkit.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	announcement := from.Announce(user("users-1"))
	testkit.Eventually(t, 2*time.Second, "it is registered", announcement.Registered)
	first.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	announcement.Withdraw(ctx)
	if len(forgotten) != 1 {
		t.Fatalf("%d instances were forgotten, want 1", len(forgotten))
	}
	if got := <-forgotten; got != "registry-1 users-1" {
		t.Fatalf("forgot %s", got)
	}
}
