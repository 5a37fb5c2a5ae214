package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hashicorp/consul/api"

	"flotilla.dev/agent/internal/registry"
)

// consul guards one whose configuration denies everything to strangers and has a token for the administrator: it makes the
// agents' token, who may register and find the services whose names begin with the prefix.
type consul struct {
	options *options
	agent   *api.Client
}

func guardConsul(options *options) (guard, error) {
	agent, err := registry.NewConsulClient(options.access("", options.secretFile), options.server)
	return &consul{options, agent}, err
}

func (*consul) close() {}

func (c *consul) check(ctx context.Context) error {
	query := new(api.QueryOptions).WithContext(ctx)
	leader, err := c.agent.Status().LeaderWithQueryOptions(query)
	if err == nil && leader == "" {
		err = errors.New("Consul has no leader yet")
	}
	if err != nil {
		return err
	}
	_, _, err = c.agent.ACL().TokenReadSelf(query)
	if hasStatus(err, http.StatusForbidden) {
		return errUnprotected
	}
	return err
}

// setUp makes the policy and the token; what is there already stays.
func (c *consul) setUp(ctx context.Context) error {
	o := c.options
	admin, err := registry.NewConsulClient(o.access("", o.adminSecretFile), o.server)
	if err != nil {
		return err
	}
	query, write := new(api.QueryOptions).WithContext(ctx), new(api.WriteOptions).WithContext(ctx)
	policy := &api.ACLPolicy{
		Name:        o.user,
		Description: "Agents of Flotilla",
		Rules:       fmt.Sprintf("service_prefix %q { policy = \"write\" }\nnode_prefix \"\" { policy = \"read\" }\n", o.prefix),
	}
	known, _, err := admin.ACL().PolicyReadByName(o.user, query)
	if err != nil && !hasStatus(err, http.StatusNotFound) {
		if hasStatus(err, http.StatusForbidden) {
			return fmt.Errorf("Consul refuses the token of %s: its data were made with another one; restore that token or delete the data: %w", o.adminSecretFile, err)
		}
		return err
	}
	if known == nil {
		if known, _, err = admin.ACL().PolicyCreate(policy, write); err != nil {
			return err
		}
	}
	if _, _, err = c.agent.ACL().TokenReadSelf(query); !hasStatus(err, http.StatusForbidden) {
		return err
	}
	token := &api.ACLToken{SecretID: o.secret, Description: policy.Description, Policies: []*api.ACLLink{{ID: known.ID}}}
	_, _, err = admin.ACL().TokenCreate(token, write)
	return err
}

func hasStatus(err error, code int) bool {
	var status api.StatusError
	return errors.As(err, &status) && status.Code == code
}
