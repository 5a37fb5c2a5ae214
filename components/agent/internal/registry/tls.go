package registry

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"time"
)

// dialer lets the kernel notice a server that vanished after idle + interval × count = 5 s.
var dialer = net.Dialer{Timeout: callTimeout, KeepAliveConfig: net.KeepAliveConfig{
	Enable: true, Idle: 2 * time.Second, Interval: time.Second, Count: 3,
}}

// trust makes the TLS configuration of a client that trusts the authorities of a file (PEM), or nil for none.
func trust(file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM format", file)
	}
	return &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}, nil
}
