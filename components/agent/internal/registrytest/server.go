// Package registrytest runs real registries for tests; nothing of it is in the binary.
package registrytest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/testkit"
)

// AdminSecret is the administrator's password or token of those registries that have one from the beginning.
const AdminSecret = "4f6ffb51-0fb2-4ae2-9d3a-5ff6c9b1d3a7"

// Kinds are the kinds of registries that can be started in this build.
var Kinds = []string{"etcd"}

// kind is how one kind of registry is run.
type kind struct {
	binary string
	// Debian's package that has the binary, or where else to get it.
	from string
	// options are those of an administrator's agent.
	options func(s *Server) registry.Options
	// command makes the command line and the environment; it writes the files that they name.
	command func(s *Server) (arguments, environment []string)
}

var kinds = map[string]kind{"consul": consul, "etcd": etcd, "zookeeper": zooKeeper}

// Server is one registry on loopback.
type Server struct {
	Kind string
	// HOST:PORT of the client port, the files of its certificate, and that of the authority that signed it.
	Address, CertificateFile, KeyFile, CAFile string

	t         testing.TB
	directory string
	command   []string
	added     []string
	process   *exec.Cmd
}

// Start runs a registry and stops it after the test. It skips the test where the program is missing.
func Start(t testing.TB, name string) *Server {
	t.Helper()
	kind := kinds[name]
	binary, err := exec.LookPath(kind.binary)
	if err != nil {
		t.Skipf("there is no %s on the PATH; install %s to run this test", kind.binary, kind.from)
	}
	s := &Server{Kind: name, Address: testkit.FreeAddress(t), t: t, directory: t.TempDir()}
	s.CAFile, s.CertificateFile, s.KeyFile = s.path("ca.pem"), s.path("server.pem"), s.path("server.key")
	s.writeCertificates()
	arguments, added := kind.command(s)
	s.command, s.added = append([]string{binary}, arguments...), added
	s.Run()
	t.Cleanup(s.Stop)
	return s
}

// Options are those of an agent of the administrator's.
func (s *Server) Options() registry.Options {
	options := kinds[s.Kind].options(s)
	options.Kind = s.Kind
	return options
}

// Run starts the process and waits until it listens.
func (s *Server) Run() {
	s.t.Helper()
	s.process = exec.Command(s.command[0], s.command[1:]...)
	s.process.Env = append(os.Environ(), s.added...)
	s.process.Stdout, s.process.Stderr = s.t.Output(), s.t.Output()
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	testkit.Eventually(s.t, 30*time.Second, s.Kind+" listens", func() bool {
		connection, err := net.Dial("tcp", s.Address)
		if err == nil {
			connection.Close()
		}
		return err == nil
	})
}

// Stop kills the process, as a crash would.
func (s *Server) Stop() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
		s.process = nil
	}
}

// LoseData stops the process and deletes everything that it stored.
func (s *Server) LoseData() {
	s.t.Helper()
	s.Stop()
	if err := os.RemoveAll(s.path("data")); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) path(name string) string { return filepath.Join(s.directory, name) }

func (s *Server) write(name, content string) string {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.path(name)
}
