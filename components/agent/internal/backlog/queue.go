package backlog

import "context"

// queue tells how many messages wait.
type queue interface {
	length(ctx context.Context) (int64, error)
}

type login struct{ user, password string }

// How each kind of queue is asked; a new kind is one line here.
var kinds = map[string]func(address, name string, login login) queue{
	"redis": func(address, name string, login login) queue { return &redisList{address, name, login} },
	"amqp":  func(address, name string, login login) queue { return &amqpQueue{address, name, login} },
}
