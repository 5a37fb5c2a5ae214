package cli

import (
	"io"
	"log/slog"
	"strings"
)

// Logger writes one JSON object per line: time, level, msg, mode and the fields of the event.
func Logger(output io.Writer, mode string) *slog.Logger {
	lowerCase := func(groups []string, attribute slog.Attr) slog.Attr {
		if len(groups) == 0 && attribute.Key == slog.LevelKey {
			attribute.Value = slog.StringValue(strings.ToLower(attribute.Value.String()))
		}
		return attribute
	}
	handler := slog.NewJSONHandler(output, &slog.HandlerOptions{ReplaceAttr: lowerCase})
	return slog.New(handler).With("mode", mode)
}
