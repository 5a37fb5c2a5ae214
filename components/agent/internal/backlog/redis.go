package backlog

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// redisList is a list of Redis, asked by a connection of its own each time: it holds nothing that could go stale.
type redisList struct {
	address, key string
	login        login
}

func (r *redisList) length(ctx context.Context) (int64, error) {
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", r.address)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	if deadline, found := ctx.Deadline(); found {
		_ = connection.SetDeadline(deadline)
	}
	answers := bufio.NewReader(connection)
	if r.login.password != "" {
		words := []string{"AUTH", r.login.password}
		if r.login.user != "" {
			words = []string{"AUTH", r.login.user, r.login.password}
		}
		if _, err := call(connection, answers, words); err != nil {
			return 0, fmt.Errorf("AUTH: %w", err)
		}
	}
	answer, err := call(connection, answers, []string{"LLEN", r.key})
	if err != nil {
		return 0, fmt.Errorf("LLEN: %w", err)
	}
	return strconv.ParseInt(answer, 10, 64)
}

// call sends one command and returns the line that answers it, without its kind.
func call(connection net.Conn, answers *bufio.Reader, words []string) (string, error) {
	command := fmt.Sprintf("*%d\r\n", len(words))
	for _, word := range words {
		command += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := connection.Write([]byte(command)); err != nil {
		return "", err
	}
	line, err := answers.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" || line[0] != ':' && line[0] != '+' {
		return "", fmt.Errorf("Redis answered %q", line)
	}
	return line[1:], nil
}
