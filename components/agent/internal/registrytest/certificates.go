package registrytest

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
	"path/filepath"
	"time"
)

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
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test registry"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"server.dc1.consul"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
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
