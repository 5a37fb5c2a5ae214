package gate

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"flotilla.dev/agent/internal/registry"
)

const rootUser = "root"

// etcd guards one with a root user and a user for agents, who may touch nothing but what is below the prefix.
type etcd struct {
	options *options
	// Without a name: what it is refused tells that authentication is on, and costs etcd no password hash.
	stranger *clientv3.Client
}

func guardEtcd(options *options) (guard, error) {
	stranger, err := registry.NewEtcdClient(context.Background(), options.access("", ""))
	return &etcd{options, stranger}, err
}

func (e *etcd) close() { _ = e.stranger.Close() }

func (e *etcd) check(ctx context.Context) error {
	_, err := e.stranger.Get(ctx, e.options.prefix, clientv3.WithCountOnly())
	switch {
	case err == nil:
		return errUnprotected
	case errors.Is(err, rpctypes.ErrUserEmpty):
		return nil
	default:
		return err
	}
}

// setUp makes the users and roles and turns authentication on; what is there already stays.
func (e *etcd) setUp(ctx context.Context) error {
	o := e.options
	// As root where authentication is on; where it is off, the name is not looked at.
	root, err := registry.NewEtcdClient(ctx, o.access(rootUser, o.adminSecretFile))
	if errors.Is(err, rpctypes.ErrAuthFailed) {
		return fmt.Errorf("etcd refuses the root password of %s: its data were made with another one; restore that password or delete the data",
			o.adminSecretFile)
	}
	if err != nil {
		return err
	}
	defer root.Close()

	steps := []func() error{
		func() error { return addRole(ctx, root, rootUser) },
		func() error { return addUser(ctx, root, rootUser, o.adminSecret) },
		func() error { return grant(ctx, root, rootUser, rootUser) },
		func() error { return addRole(ctx, root, o.user) },
		func() error {
			_, err := root.RoleGrantPermission(ctx, o.user, o.prefix, clientv3.GetPrefixRangeEnd(o.prefix),
				clientv3.PermissionType(clientv3.PermReadWrite))
			return err
		},
		func() error { return addUser(ctx, root, o.user, o.secret) },
		func() error { return grant(ctx, root, o.user, o.user) },
		func() error { _, err := root.AuthEnable(ctx); return err },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
func addRole(ctx context.Context, client *clientv3.Client, role string) error {
	_, err := client.RoleAdd(ctx, role)
	if errors.Is(err, rpctypes.ErrRoleAlreadyExist) {
		return nil
	}
	return err
}

// addUser adds a user, or gives an existing one this password when it has another.
func addUser(ctx context.Context, client *clientv3.Client, user, password string) error {
	_, err := client.UserAdd(ctx, user, password)
	if !errors.Is(err, rpctypes.ErrUserAlreadyExist) {
		return err
	}
	_, err = client.Authenticate(ctx, user, password)
	if err == nil {
		return nil
	}
	_, err = client.UserChangePassword(ctx, user, password)
	return err
}

func grant(ctx context.Context, client *clientv3.Client, user, role string) error {
	_, err := client.UserGrantRole(ctx, user, role)
	return err
}
