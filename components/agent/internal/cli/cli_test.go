package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

func TestBackoffGrowsToItsMaximum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := Backoff{Min: 100 * time.Millisecond, Max: 300 * time.Millisecond}
		steps := []time.Duration{100, 200, 300, 300}
		for i, step := range steps {
			if loud := b.Loud(); loud != (i == 0) {
				t.Fatalf("wait %d: loud is %v", i, loud)
			}
			begin := time.Now()
			b.Wait(t.Context())
			waited, step := time.Since(begin), step*time.Millisecond
			if waited < step/2 || waited > step {
				t.Fatalf("wait %d took %s, want %s to %s", i, waited, step/2, step)
			}
		}
		b.Reset()
		if !b.Loud() {
			t.Fatal("not loud after a reset")
		}
	})
}

func TestReadSecret(t *testing.T) {
	cases := map[string]struct {
		content, want string
		fails         bool
	}{
		"plain":         {"secret", "secret", false},
		"with newline":  {"secret\n", "secret", false},
		"with spaces":   {" se cret \r\n", " se cret ", false},
		"empty":         {"", "", true},
		"newlines only": {"\n\n", "", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := ReadSecret(path)
			if got != c.want || (err != nil) != c.fails {
				t.Fatalf("got %q, %v", got, err)
			}
		})
	}
}

func TestCheckListen(t *testing.T) {
	for address, valid := range map[string]bool{
		":15000": true, "127.0.0.1:0": true, "[::1]:80": true, "15000": false, "": false, ":http": false, ":65536": false, "a:b:1": false,
	} {
		if err := CheckListen("listen", address); (err == nil) != valid {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestLoggerWritesOneObjectPerLine(t *testing.T) {
	var output bytes.Buffer
	Logger(&output, "probe").Warn("something", "count", 3)
	var line map[string]any
	if err := json.Unmarshal(output.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["level"] != "warn" || line["mode"] != "probe" || line["msg"] != "something" || line["count"] != 3.0 || line["time"] == nil {
		t.Fatalf("logged %s", &output)
	}
}
