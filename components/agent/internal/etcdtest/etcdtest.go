// Package etcdtest runs a real etcd with TLS for tests; nothing of it is in the binary.
package etcdtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"flotilla.dev/agent/internal/testkit"
)

// Server is one etcd on loopback.
type Server struct {
	// URL of the client port, and the file with the authority that signed its certificate.
	URL, CAFile string

	t         testing.TB
	directory string
	arguments []string
	address   string
	process   *exec.Cmd
}

// Start runs the `etcd` of the PATH and stops it after the test. It skips the test where there is none.
func Start(t testing.TB) *Server {
	t.Helper()
	binary, err := exec.LookPath("etcd")
	if err != nil {
		t.Skip("there is no etcd on the PATH; install Debian's etcd-server to run this test")
	}
	s := &Server{t: t, directory: t.TempDir(), address: testkit.FreeAddress(t)}
	s.URL = "https://" + s.address
	s.CAFile = filepath.Join(s.directory, "ca.pem")
	s.writeCertificates()
	peer := "http://" + testkit.FreeAddress(t)
	s.arguments = []string{
		binary, "--name", "test", "--data-dir", filepath.Join(s.directory, "data"),
		"--listen-client-urls", s.URL, "--advertise-client-urls", s.URL,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "test=" + peer,
		"--cert-file", filepath.Join(s.directory, "server.pem"), "--key-file", filepath.Join(s.directory, "server.key"),
		"--heartbeat-interval", "50", "--election-timeout", "500", "--log-level", "error",
	}
	s.Run()
	t.Cleanup(s.Stop)
	return s
}

// Run starts the process and waits until it listens.
func (s *Server) Run() {
	s.t.Helper()
	s.process = exec.Command(s.arguments[0], s.arguments[1:]...)
	// Debian's etcd starts on arm64 only when it is told that this is meant.
	s.process.Env = append(os.Environ(), "ETCD_UNSUPPORTED_ARCH="+runtime.GOARCH)

	s.process.Stdout, s.process.Stderr = s.t.Output(), s.t.Output()
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	testkit.Eventually(s.t, 10*time.Second, "etcd listens", func() bool {
		connection, err := net.Dial("tcp", s.address)
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
	if err := os.RemoveAll(filepath.Join(s.directory, "data")); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) writeCertificates() {
	s.t.Helper()
	authorityKey := s.newKey()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	s.writeCertificate("ca.pem", authority, authority, authorityKey, authorityKey)
	serverKey := s.newKey()
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test etcd"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	s.writeCertificate("server.pem", server, authority, serverKey, authorityKey)
	encoded, err := x509.MarshalECPrivateKey(serverKey)
	if err != nil {
		s.t.Fatal(err)
	}
	s.writePEM("server.key", "EC PRIVATE KEY", encoded)
}

func (s *Server) newKey() *ecdsa.PrivateKey {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

func (s *Server) writeCertificate(file string, template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) {
	s.t.Helper()
	encoded, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		s.t.Fatal(err)
	}
	s.writePEM(file, "CERTIFICATE", encoded)
}

func (s *Server) writePEM(file, kind string, content []byte) {
	s.t.Helper()
	encoded := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
	if err := os.WriteFile(filepath.Join(s.directory, file), encoded, 0o600); err != nil {
		s.t.Fatal(err)
	}
}
