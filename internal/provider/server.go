package provider

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
	logs     bool     // somebody reads the log
	actions  sync.Map // a channel for each action in flight, closed when the action has ended
}

// NewServer returns the constructor of the provider's protocol server.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		p := &kafkaConnectProvider{version: version}
		return &server{protocol: providerserver.NewProtocol6(p)().(protocol), provider: p, logs: !loggingIsOff()} //nolint:forcetypeassert // the framework has all of it
	}
}

// UpgradeResourceState implements [tfprotov6.ResourceServer].
func (s *server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	var stored struct {
		Name    string  `json:"name"`
		Cluster *string `json:"cluster"`
	}
	run := s.provider.session.Load()
	if run != nil && strings.HasSuffix(req.TypeName, "_connector") && req.RawState != nil && json.Unmarshal(req.RawState.JSON, &stored) == nil {
		if s, _ := run.In(types.StringPointerValue(stored.Cluster)); s != nil { // else Read reports the unknown cluster
			s.Connectors.NoteStored(stored.Name)
		}
	}
	ctx, end := s.requestContext(ctx)
	defer end()
	return s.protocol.UpgradeResourceState(ctx, req)
}

// ValidateResourceConfig implements [tfprotov6.ResourceServer].
func (s *server) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	ctx, end := s.requestContext(ctx)
	defer end()
	return s.protocol.ValidateResourceConfig(ctx, req)
}

// ReadResource implements [tfprotov6.ResourceServer].
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	ctx, end := s.requestContext(ctx)
	defer end()
	return s.protocol.ReadResource(ctx, req)
}

// PlanResourceChange implements [tfprotov6.ResourceServer].
func (s *server) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	ctx, end := s.requestContext(ctx)
	defer end()
	return s.protocol.PlanResourceChange(ctx, req)
}

// ApplyResourceChange implements [tfprotov6.ResourceServer].
func (s *server) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	ctx, end := s.requestContext(ctx)
	defer end()
	return s.protocol.ApplyResourceChange(ctx, req)
}

// InvokeAction implements [tfprotov6.ActionServer]. The events end when the action has ended, also if nobody receives them any
// more. Otherwise the framework would wait for a receiver of the next progress message, and Terraform would end the process before
// the action has restored what it has changed.
func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.protocol.InvokeAction(ctx, req)
	if err != nil {
		return nil, err
	}
	ended, events := make(chan struct{}), stream.Events
	s.actions.Store(ended, nil)
	stream.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		defer func() { s.actions.Delete(ended); close(ended) }()
		received := true
		for event := range events {
			received = received && push(event)
		}
	}
	return stream, nil
}

// stopTimeout bounds the time that actions have to end after an interrupt. It is longer than they need: see
// [session.AfterDeadline].
const stopTimeout = 30 * time.Second

// StopProvider implements [tfprotov6.ProviderServer]. It cancels all requests, and waits until actions have ended. Once it has
// returned, plugin-go sends no event of an action any more: Terraform would report an interrupted action as complete.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	resp, err := s.protocol.StopProvider(ctx, req)
	timeout := time.After(stopTimeout)
	s.actions.Range(func(ended, _ any) bool {
		select {
		case <-ended.(chan struct{}): //nolint:forcetypeassert // stored by InvokeAction
			return true
		case <-timeout:
			return false
		}
	})
	return resp, err
}

// requestContext returns the context of a request to the framework, and what ends it. While nobody reads the log, the context
// has no loggers. The framework keeps the context of every request until the process ends, so the loggers of 1000
// connectors would take 60 MB, and make the garbage collector work on them.
func (s *server) requestContext(ctx context.Context) (_ context.Context, end func()) {
	if s.logs {
		return ctx, func() {}
	}
	own, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(ctx, cancel)
	return own, func() { stop(); cancel() }
}
