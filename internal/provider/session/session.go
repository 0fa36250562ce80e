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

// Session is what this run knows about one cluster. A configured provider passes the session of the default cluster to its
// objects; [Session.In] returns that of another one.
type Session struct {
	*Run

	Cluster string // its name in the provider's `clusters`; empty for the default cluster
	Connect *settings.Connect
	Kafka   *settings.Kafka

	Connectors    *Objects
	Topics        *Objects
	Loggers       *Objects
	Levels        Levels
	StorageTopics StorageTopics

	// Validations are the results of the validations of this run, by a hash of name and configuration.
	Validations OncePer[[32]byte, diag.Diagnostics]

	// ValidationRefused is set once the run has warned that no configuration is validated.
	ValidationRefused atomic.Bool

	// Brokers is the number of running brokers, or 0 if it is not known.
	Brokers OncePer[struct{}, int]

	reach *reach

	members        OncePer[struct{}, []connectclient.Member]
	membersError   OncePer[struct{}, error]
	membersShown   atomic.Bool // CheckMembers has returned the error
	movedReported  atomic.Bool // CheckCluster has warned
	silentReported atomic.Bool // CheckMissing has warned
}

func newSession(run *Run, cluster string, of settings.Cluster) *Session {
	return &Session{
		Run: run, Cluster: cluster, Connect: of.Connect, Kafka: of.Kafka,
		Connectors: newObjects(nounConnector, cluster), Topics: newObjects(nounTopic, cluster), Loggers: newObjects(nounLogger, cluster), reach: newReach(),
	}
}

// From returns the session of the default cluster, which Configure of every kind of object receives. It is nil while the
// provider is not configured, as under `terraform validate`.
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
