// Package cli holds what every mode needs to speak to its user: flags, one-line errors and logs.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// ErrHelp is returned by Parse after it printed the flags.
var ErrHelp = flag.ErrHelp

// UsageError says in one line what is wrong with the arguments and what to write instead.
type UsageError struct{ message string }

func (e *UsageError) Error() string { return e.message }

// Usagef makes a UsageError.
func Usagef(format string, values ...any) error {
	return &UsageError{fmt.Sprintf(format, values...)}
}

// Flags is a flag set whose errors are one line.
type Flags struct{ *flag.FlagSet }

// NewFlags makes an empty set for one mode.
func NewFlags(mode string) Flags {
	set := flag.NewFlagSet(mode, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return Flags{set}
}

// Parse reads the flags and returns the arguments after them.
func (f Flags) Parse(args []string) ([]string, error) {
	err := f.FlagSet.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "agent %s\n", f.Name())
		f.SetOutput(os.Stderr)
		f.PrintDefaults()
		return nil, ErrHelp
	}
	if err != nil {
		message := strings.Replace(err.Error(), "flag -", "flag --", 1)
		return nil, Usagef("%s; see: agent %s --help", message, f.Name())
	}
	return f.Args(), nil
}

// ParseAll is Parse for a mode that takes flags only.
func (f Flags) ParseAll(args []string) error {
	rest, err := f.Parse(args)
	if err == nil && len(rest) > 0 {
		return Usagef("unexpected argument %q: every argument is a flag, --name value", rest[0])
	}
	return err
}

// List adds a flag that may be repeated.
func (f Flags) List(name, usage string) *[]string {
	values := &[]string{}
	f.Func(name, usage+" (repeatable)", func(value string) error {
		*values = append(*values, value)
		return nil
	})
	return values
}

// Period adds a flag for a length of time between 0 and one hour.
func (f Flags) Period(name string, value time.Duration, usage string) *time.Duration {
	result := value
	f.Func(name, fmt.Sprintf("%s (default %s)", usage, value), func(text string) error {
		parsed, err := time.ParseDuration(text)
		if err != nil {
			return errors.New("not a length of time; write for example 3s or 250ms")
		}
		if parsed < 0 || parsed > time.Hour {
			return errors.New("must be between 0s and 1h")
		}
		result = parsed
		return nil
	})
	return &result
}

// CheckListen refuses an address that cannot be listened on.
func CheckListen(flag, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = ParsePort(port)
	}
	if err != nil {
		return Usagef("--%s must be [ADDRESS]:PORT, got %q; write for example :15000 or 127.0.0.1:15000", flag, address)
	}
	return nil
}

// ParsePort reads a port number; 0 lets the system choose one.
func ParsePort(text string) (int, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is not a port between 0 and 65535", text)
	}
	return int(port), nil
}

// ReadSecret reads a file that holds one secret, without the newline that editors add.
func ReadSecret(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(content), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("%s is empty; it must hold a password", path)
	}
	return secret, nil
}
