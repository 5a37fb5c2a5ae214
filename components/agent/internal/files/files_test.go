package files

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func expect(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != content || info.Mode() != mode {
		t.Errorf("%s is %q with %v, want %q with %v", path, got, info.Mode(), content, mode)
	}
}

// bucket serves objects as S3 does, and knows who asked.
type bucket struct {
	mu            sync.Mutex
	objects       map[string]string
	authorization string
	failures      int
}

func (b *bucket) put(key, content string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[key] = content
}

func (b *bucket) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures > 0 {
		b.failures--
		response.WriteHeader(http.StatusForbidden)
		return
	}
	b.authorization = request.Header.Get("Authorization")
	content, found := b.objects[request.URL.Path]
	tag := `"` + content + `"`
	switch {
	case !found:
		response.WriteHeader(http.StatusNotFound)
	case request.Header.Get("If-None-Match") == tag:
		response.WriteHeader(http.StatusNotModified)
	default:
		response.Header().Set("ETag", tag)
		io.WriteString(response, content)
	}
}

func serve(t *testing.T) *bucket {
	t.Helper()
	b := &bucket{objects: map[string]string{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	return b
}

func TestAReplicaStartsWithItsFoldersFilesAndTheProgram(t *testing.T) {
	volumes := t.TempDir()
	for _, name := range []string{"tmp", "etc", "agent"} {
		if err := os.Mkdir(filepath.Join(volumes, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("FILE_0", "listen 8080\n")
	b := serve(t)
	b.put("/shop/users/long.txt", "long")
	err := Run(t.Context(), []string{
		"--install", volumes + "/agent/agent",
		"--folder", volumes + "/tmp=1777",
		"--file", volumes + "/etc/app.conf=0440:env:FILE_0",
		"--file", volumes + "/etc/long.txt=0444:s3:shop/users/long.txt",
	}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, volumes+"/etc/app.conf", "listen 8080\n", 0o440)
	expect(t, volumes+"/etc/long.txt", "long", 0o444)
	info, _ := os.Stat(volumes + "/tmp")
	if info.Mode() != os.ModeDir|os.ModeSticky|0o777 {
		t.Errorf("tmp has mode %v", info.Mode())
	}
	own, _ := os.Executable()
	installed, _ := os.Stat(volumes + "/agent/agent")
	original, _ := os.Stat(own)
	if installed == nil || installed.Size() != original.Size() || installed.Mode() != 0o555 {
		t.Errorf("the program was not installed as it is: %v", installed)
	}
	if !strings.HasPrefix(b.authorization, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") ||
		!strings.Contains(b.authorization, "/eu-central-1/s3/aws4_request") {
		t.Errorf("S3 was asked with %q", b.authorization)
	}
}

func TestARoleThatIsNotKnownYetIsWaitedFor(t *testing.T) {
	b := serve(t)
	b.put("/shop/a", "a")
	b.failures = 1
	target := filepath.Join(t.TempDir(), "a")
	if err := Run(t.Context(), []string{"--file", target + "=0444:s3:shop/a"}, quiet); err != nil {
		t.Fatal(err)
	}
	expect(t, target, "a", 0o444)
}

func TestLiveFilesChangeTogetherAndWhatIsGoneGoes(t *testing.T) {
	b := serve(t)
	b.put("/shop/routes", `{"a.json":{"content":"1","mode":"0444"},"b.json":{"content":"1","mode":"0444"}}`)
	directory := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- Run(ctx, []string{
			"--set", directory + "=s3:shop/routes", "--follow", "10ms", "--ready-listen", "127.0.0.1:0",
		}, quiet)
	}()
	await := func(name, content string) {
		t.Helper()
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if got, err := os.ReadFile(filepath.Join(directory, name)); err == nil && string(got) == content {
				return
			}
		}
		t.Fatalf("%s never became %q", name, content)
	}
	await("b.json", "1")
	b.put("/shop/routes", `{"a.json":{"content":"2","mode":"0444"}}`)
	await("a.json", "2")
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(directory, "b.json")); os.IsNotExist(err) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("b.json is still there")
		}
	}
	b.put("/shop/routes", `no set`)
	time.Sleep(50 * time.Millisecond)
	expect(t, filepath.Join(directory, "a.json"), "2", 0o444)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestWrongArgumentsSayWhatToWrite(t *testing.T) {
	for argument, want := range map[string]string{
		"--folder=/tmp":                      "--folder must be PATH=MODE",
		"--folder=/tmp=9":                    "--folder must be PATH=MODE",
		"--file=/a=0444:file:/b":             "--file must be PATH=MODE:SOURCE",
		"--file=a=0444:env:A":                "--file must be PATH=MODE:SOURCE",
		"--set=/a=s3:":                       "--set must be PATH=SOURCE",
		"--follow=5s":                        "--follow needs a --set",
		"--install=agent":                    "--install must be an absolute path",
		"--file=/a=0444:env:NO_SUCH_ENV_VAR": "",
	} {
		_, err := parse([]string{argument})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", argument, err, want)
		}
	}
}
