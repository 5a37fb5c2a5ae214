package backlog

import (
	"context"
	"net"
	"net/url"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// amqpQueue is a queue in the virtual host "/" of a RabbitMQ.
type amqpQueue struct {
	address, name string
	login         login
}

func (a *amqpQueue) length(ctx context.Context) (int64, error) {
	at := url.URL{Scheme: "amqp", Host: a.address, Path: "/"}
	if a.login.user != "" {
		at.User = url.UserPassword(a.login.user, a.login.password)
	} else {
		at.User = url.UserPassword("guest", "guest")
	}
	timeout := patience
	if deadline, found := ctx.Deadline(); found {
		timeout = time.Until(deadline)
	}
	connection, err := amqp.DialConfig(at.String(), amqp.Config{
		Dial: func(network, address string) (net.Conn, error) {
			connection, err := net.DialTimeout(network, address, timeout)
			if err == nil {
				err = connection.SetDeadline(time.Now().Add(timeout))
			}
			return connection, err
		},
	})
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return 0, err
	}
	// Passive: a queue that is not there is an error, and none is made.
	found, err := channel.QueueDeclarePassive(a.name, false, false, false, false, nil)
	return int64(found.Messages), err
}
