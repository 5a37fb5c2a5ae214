package files

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// source is where a content comes from; errUnchanged: it is still the one that it gave last.
type source interface {
	read(ctx context.Context) ([]byte, error)
}

// How each kind of source is read; a new kind is one line here.
var kinds = map[string]func(place string) source{
	"env": func(name string) source { return variable(name) },
	"s3":  newObject,
}

func parseSource(text string) (source, error) {
	kind, place, _ := strings.Cut(text, ":")
	open, found := kinds[kind]
	if !found || place == "" {
		return nil, fmt.Errorf("%q is not env:NAME or s3:BUCKET/KEY", text)
	}
	return open(place), nil
}

// variable is an environment variable.
type variable string

func (v variable) read(context.Context) ([]byte, error) {
	value, found := os.LookupEnv(string(v))
	if !found {
		return nil, fmt.Errorf("the environment has no %s", string(v))
	}
	return []byte(value), nil
}
