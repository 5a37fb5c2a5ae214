package aggregate

import (
	"encoding/json"
	"errors"
	"time"
)

// planHeader is where the gateway's route says what is to be joined. So a change of the route is a change of the plan, and
// the two never disagree.
const planHeader = "X-Flotilla-Aggregate"

// plan is one joined answer.
type plan struct {
	DeadlineMs int    `json:"deadlineMs"`
	MaxBytes   int64  `json:"maxBytes"`
	Parts      []part `json:"parts"`
}

// part is one member of the answer.
type part struct {
	Name    string `json:"name"`
	Service string `json:"service"`
	// Empty stands for the service's first port.
	Port string `json:"port"`
	Path string `json:"path"`
}

func (p *plan) deadline() time.Duration { return time.Duration(p.DeadlineMs) * time.Millisecond }

func parsePlan(text string) (*plan, error) {
	p := &plan{}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		return nil, err
	}
	if p.DeadlineMs <= 0 || p.MaxBytes <= 0 || len(p.Parts) == 0 {
		return nil, errors.New("deadlineMs, maxBytes and parts must be there")
	}
	for _, part := range p.Parts {
		if part.Name == "" || part.Service == "" || part.Path == "" {
			return nil, errors.New("each part needs name, service and path")
		}
	}
	return p, nil
}
