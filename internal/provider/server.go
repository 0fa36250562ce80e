package provider

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// protocol is all that the framework serves.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server tells the session which connectors the state has. Terraform plans a tainted resource like a new one. With
// -refresh=false, only the upgrade of its state, which comes first, tells the two apart.
type server struct {
	protocol
	provider *kafkaConnectProvider
}

// NewServer returns the constructor of the provider's protocol server.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		p := &kafkaConnectProvider{version: version}
		return &server{providerserver.NewProtocol6(p)().(protocol), p} //nolint:forcetypeassert // the framework has all of it
	}
}

// UpgradeResourceState implements [tfprotov6.ResourceServer].
func (s *server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	var stored struct {
		Name string `json:"name"`
	}
	run := s.provider.session.Load()
	if run != nil && strings.HasSuffix(req.TypeName, "_connector") && req.RawState != nil && json.Unmarshal(req.RawState.JSON, &stored) == nil {
		run.Connectors.NoteStored(stored.Name)
	}
	return s.protocol.UpgradeResourceState(ctx, req)
}
