package gate

import (
	"context"
	"errors"
	"path"

	"github.com/go-zookeeper/zk"

	"flotilla.dev/agent/internal/registry"
)

// superUser is the one whose password ZooKeeper has in its own configuration: no ACL holds it up.
const superUser = "super"

// zooKeeper guards one by ACLs: the root is the super user's, and what is below the prefix the agents'.
type zooKeeper struct{ options *options }

func guardZooKeeper(options *options) (guard, error) { return &zooKeeper{options}, nil }

func (*zooKeeper) close() {}

// services is the node below which agents register.
func (z *zooKeeper) services() string { return z.options.prefix + "services" }

// check uses a connection of its own: one from before a loss of data is let in no more.
func (z *zooKeeper) check(ctx context.Context) error {
	stranger, err := registry.NewZooKeeperClient(ctx, z.options.access("", ""))
	if err != nil {
		return err
	}
	defer stranger.End()
	return stranger.Within(ctx, func() error {
		if _, _, err := stranger.Children("/"); !errors.Is(err, zk.ErrNoAuth) {
			return orUnprotected(err)
		}
		if found, _, err := stranger.Exists(z.services()); err != nil || !found {
			return orUnprotected(err)
		}
		return nil
	})
}

func orUnprotected(err error) error {
	if err == nil {
		return errUnprotected
	}
	return err
}

func (z *zooKeeper) setUp(ctx context.Context) error {
	o := z.options
	super, err := registry.NewZooKeeperClient(ctx, o.access(superUser, o.adminSecretFile))
	if err != nil {
		return err
	}
	defer super.End()
	nobody := zk.DigestACL(zk.PermAll, superUser, o.adminSecret)
	return super.Within(ctx, func() error {
		if _, err := super.SetACL("/", nobody, -1); err != nil {
			return err
		}
		for _, parent := range parents(z.services()) {
			if _, err := super.Create(parent, nil, 0, nobody); err != nil && !errors.Is(err, zk.ErrNodeExists) {
				return err
			}
		}
		agents := zk.DigestACL(zk.PermRead|zk.PermWrite|zk.PermCreate|zk.PermDelete, o.user, o.secret)
		_, err := super.SetACL(z.services(), agents, -1)
		return err
	})
}

// parents are the nodes on the way to one, and that itself.
func parents(node string) []string {
	way := []string{}
	for ; node != "/"; node = path.Dir(node) {
		way = append([]string{node}, way...)
	}
	return way
}
