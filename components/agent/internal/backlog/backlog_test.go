package backlog

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serveRedis is as much of a Redis as a list and its password need.
func serveRedis(t *testing.T, password, key string, length int) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				lines := bufio.NewReader(connection)
				known := password == ""
				for {
					words, err := readCommand(lines)
					if err != nil {
						return
					}
					switch command := strings.Join(words, " "); {
					case words[0] == "AUTH" && words[len(words)-1] == password:
						known = true
						io.WriteString(connection, "+OK\r\n")
					case !known:
						io.WriteString(connection, "-NOAUTH Authentication required.\r\n")
					case command == "LLEN "+key:
						fmt.Fprintf(connection, ":%d\r\n", length)
					default:
						io.WriteString(connection, ":0\r\n")
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

func readCommand(lines *bufio.Reader) ([]string, error) {
	var count int
	head, err := lines.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Sscanf(head, "*%d", &count); err != nil {
		return nil, err
	}
	words := []string{}
	for range count {
		if _, err := lines.ReadString('\n'); err != nil {
			return nil, err
		}
		word, err := lines.ReadString('\n')
		if err != nil {
			return nil, err
		}
		words = append(words, strings.TrimRight(word, "\r\n"))
	}
	return words, nil
}

func TestTheLengthOfAListIsTold(t *testing.T) {
	for _, password := range []string{"", "hunter2"} {
		address := serveRedis(t, password, "jobs", 42)
		length, err := kinds["redis"](address, "jobs", login{password: password}).length(t.Context())
		if err != nil || length != 42 {
			t.Errorf("with password %q: %d, %v, want 42", password, length, err)
		}
	}
}

func TestARedisThatRefusesIsAnError(t *testing.T) {
	address := serveRedis(t, "hunter2", "jobs", 42)
	_, err := kinds["redis"](address, "jobs", login{}).length(t.Context())
	if err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("it says %v, want what Redis answered", err)
	}
}

func TestEachLookIsALineFromWhichCloudWatchMakesAMetric(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := parse([]string{
		"--kind", "redis", "--address", serveRedis(t, "hunter2", "jobs", 3), "--queue", "jobs", "--password-file", secret,
		"--dimension", "Stack=shop", "--dimension", "Policy=worker", "--interval", "1h", "--ready-listen", "127.0.0.1:0",
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error)
	go func() { ended <- run(ctx, options, in, slog.New(slog.DiscardHandler)) }()
	var got struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
		Stack, Policy string
		Backlog       int
	}
	if err := json.NewDecoder(out).Decode(&got); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got.Stack != "shop" || got.Policy != "worker" || got.Backlog != 3 {
		t.Errorf("the record is %+v", got)
	}
	if age := time.Since(time.UnixMilli(got.AWS.Timestamp)); age < 0 || age > time.Minute {
		t.Errorf("it is %v old", age)
	}
	metric := got.AWS.CloudWatchMetrics[0]
	if metric.Namespace != "Flotilla" || strings.Join(metric.Dimensions[0], " ") != "Stack Policy" || metric.Metrics[0].Name != "Backlog" {
		t.Errorf("the metric is %+v", metric)
	}
}

func TestWrongArgumentsSayWhatToWrite(t *testing.T) {
	good := map[string]string{"--kind": "redis", "--address": "redis:6379", "--queue": "jobs"}
	for flag, wrong := range map[string]string{"--kind": "sqs", "--address": "redis", "--queue": ""} {
		args := []string{}
		for name, value := range good {
			if name == flag {
				value = wrong
			}
			args = append(args, name, value)
		}
		if _, err := parse(args); err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s %q: %v", flag, wrong, err)
		}
	}
}
