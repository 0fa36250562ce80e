// Package session holds the data that a configured provider passes to every kind of object: the clients, and what this
// run has done so far.
//
// Terraform starts a provider process for each walk (validate, plan, apply) and configures it once, so a [Session] lives
// as long as the walk. Data for a later walk goes into the plan or into private state.
package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/settings"
)

// finalReadTimeout bounds one more read after an operation has failed, timed out or was interrupted.
const finalReadTimeout = 10 * time.Second

// Session is the data that a configured provider passes to its resources, data sources and ephemeral resources.
type Session struct {
	Connect *settings.Connect
	Kafka   *settings.Kafka

	Connectors    *Objects
	Operations    Operations
	Topics        *Objects
	StorageTopics StorageTopics
	Workers       Workers

	// Validations are the results of the validations of this run, by a hash of name and configuration.
	Validations OncePer[[32]byte, diag.Diagnostics]

	// ValidationRefused is set once the run has warned that no configuration is validated.
	ValidationRefused atomic.Bool

	// Planning is set by the first Read: Terraform reads objects only before it plans them, never in an apply. It stays
	// unset in a plan with -refresh=false, and while the state is empty.
	Planning atomic.Bool

	// Applying is set by the first create or update: from then on this walk is an apply.
	Applying atomic.Bool

	reach *reach

	members        OncePer[struct{}, []connectclient.Member]
	membersError   OncePer[struct{}, error]
	membersShown   atomic.Bool // CheckMembers has returned the error
	movedReported  atomic.Bool // CheckCluster has warned
	silentReported atomic.Bool // CheckMissing has warned
}

// New returns the session of a configured provider.
func New(connect *settings.Connect, kafka *settings.Kafka) *Session {
	return &Session{Connect: connect, Kafka: kafka, Connectors: newObjects("connector"), Topics: newObjects("internal topic"), reach: newReach()}
}

// From returns the session that Configure of a resource, data source or ephemeral resource receives. It is nil while
// the provider is not configured, as under `terraform validate`.
func From(providerData any) *Session {
	s, _ := providerData.(*Session)
	return s
}

// ConnectClient returns the client of the workers. It is nil if the provider is not configured, or if its connect settings
// are unknown or missing.
func (s *Session) ConnectClient() *connectclient.Client {
	if s == nil {
		return nil
	}
	return s.Connect.ClientOrNil()
}

// AfterDeadline returns a context for one more read after the context of the operation has ended.
func AfterDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), finalReadTimeout)
}

// OncePer runs a function once for each key; concurrent callers of one key share the result. Its zero value is empty.
type OncePer[K comparable, V any] struct {
	results sync.Map // K -> func() V
}

// Do returns the result of the first call for the key.
func (o *OncePer[K, V]) Do(key K, fn func() V) V {
	result, _ := o.results.LoadOrStore(key, sync.OnceValue(fn))
	return result.(func() V)() //nolint:forcetypeassert // stored above
}

// names is a set of names, safe for concurrent use. Its zero value is empty.
type names struct {
	set sync.Map
}

// add adds the name and reports whether it was new.
func (n *names) add(name string) bool {
	_, loaded := n.set.LoadOrStore(name, true)
	return !loaded
}

func (n *names) has(name string) bool {
	_, ok := n.set.Load(name)
	return ok
}
