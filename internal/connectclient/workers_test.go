package connectclient_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// counts checks the number of requests that each worker has received.
func counts(t *testing.T, want []int, workers ...*connectfake.Worker) {
	t.Helper()
	for i, w := range workers {
		if got := w.Count("", ""); got != want[i] {
			t.Errorf("worker %d received %d requests, want %d: %v", i, got, want[i], w.Requests())
		}
	}
}

// Each worker is asked once, whatever the others answer.
func TestAskWorkers(t *testing.T) {
	ready := connectfake.New(t)
	starting, rebalancing, down, foreign := ready.Peer(t), ready.Peer(t), ready.Peer(t), ready.Peer(t)
	ready.Announce("abc")
	starting.Inject("", "", connectfake.Always, connectfake.Starting())
	rebalancing.Inject(http.MethodGet, "/connectors/*", connectfake.Always, connectfake.Rebalancing())
	foreign.Inject("", "", connectfake.Always, connectfake.Answer(http.StatusOK, "application/json", `{"name":"elasticsearch"}`))
	down.Stop()
	client := newClient(t, nil, ready.URL(), starting.URL(), rebalancing.URL(), down.URL(), foreign.URL())

	list := client.AskWorkers(t.Context())
	if w := list[0]; w.Err != nil || !w.Answers() || w.Revision != "abc" || w.Version != "4.3.1" || w.Commit != "fake" || w.KafkaClusterID != "connectfake" || w.URL != ready.URL() {
		t.Errorf("the worker that is ready: %+v", w)
	}
	for i, want := range map[int]error{1: connectclient.ErrStarting, 2: connectclient.ErrRebalancing, 3: connectclient.ErrUnavailable, 4: connectclient.ErrForeign} {
		if !errors.Is(list[i].Err, want) || list[i].Answers() != (i == 2) {
			t.Errorf("worker %d: got %+v, want %v", i, list[i], want)
		}
	}
	counts(t, []int{2, 1, 2, 0, 1}, ready, starting, rebalancing, down, foreign)
}

// The wait ends with the first worker that is ready, although another one never will be.
func TestAwaitWorkers(t *testing.T) {
	one := connectfake.New(t)
	down := one.Peer(t)
	down.Stop()
	one.Inject("", "", 2, connectfake.Starting())
	one.Inject(http.MethodGet, "/connectors/*", 1, connectfake.Rebalancing())
	list, err := newClient(t, nil, one.URL(), down.URL()).AwaitWorkers(t.Context())
	if err != nil || list[0].Err != nil || list[1].Err == nil {
		t.Errorf("got %+v, %v", list, err)
	}
	counts(t, []int{1 + 1 + 2 + 2}, one)
}

// A refusal ends the wait, and two Kafka clusters are an error.
func TestAwaitWorkersEnds(t *testing.T) {
	one, two := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
	if _, err := newClient(t, nil, one.URL(), two.URL()).AwaitWorkers(t.Context()); !errors.Is(err, connectclient.ErrDifferentClusters) {
		t.Errorf("two clusters: %v", err)
	}
	one.Inject("", "", connectfake.Always, connectfake.Answer(http.StatusUnauthorized, "", ""))
	one.Forget()
	list, err := newClient(t, nil, one.URL()).AwaitWorkers(t.Context())
	if err != nil || !errors.Is(list[0].Err, connectclient.ErrUnauthorized) {
		t.Errorf("got %+v, %v", list, err)
	}
	counts(t, []int{1}, one)
}

// timer is a context that ends when the test decides.
type timer struct {
	context.Context //nolint:containedctx // it is one
	over            chan struct{}
}

func newTimer(t *testing.T) timer { return timer{t.Context(), make(chan struct{})} }

func (c timer) end()                  { close(c.over) }
func (c timer) Done() <-chan struct{} { return c.over }

func (c timer) Err() error {
	select {
	case <-c.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// rollout waits for the revision "new", and returns the states in between.
func rollout(ctx context.Context, t *testing.T, r connectclient.Rollout, workers ...*connectfake.Worker) (states []string, err error) {
	t.Helper()
	var urls []string
	for _, w := range workers {
		urls = append(urls, w.URL())
	}
	if r.Revisions == nil {
		r.Revisions = []string{"new"}
	}
	progress := r.Progress
	r.Progress = func(s connectclient.RolloutState) {
		states = append(states, s.String())
		if progress != nil {
			progress(s)
		}
	}
	err = newClient(t, nil, urls...).AwaitRollout(ctx, r)
	return states, err
}

// One request reads the revision of a worker, a second one its readiness, and one listing the states of all connectors.
func TestAwaitRolloutThatIsDone(t *testing.T) {
	one := connectfake.New(t)
	two := one.Peer(t)
	one.Seed("a", "RUNNING", fileSource())
	one.Announce("new")
	two.Announce("other")
	states, err := rollout(t.Context(), t, connectclient.Rollout{Revisions: []string{"new", "other"}}, one, two)
	if err != nil || !reflect.DeepEqual(states, []string{"all workers run the revision"}) {
		t.Errorf("got %v, %v", states, err)
	}
	counts(t, []int{3, 2}, one, two)
}

// The workers get the revision one after the other, and then the group assigns a task.
func TestAwaitRolloutStepByStep(t *testing.T) {
	one := connectfake.New(t)
	two := one.Peer(t)
	one.Seed("a", "RUNNING", fileSource())
	one.Announce("old")
	unassigned := connectfake.Answer(http.StatusOK, "application/json", `{"a":{"info":{"name":"a","config":{"name":"a"},"tasks":[{"connector":"a","task":0},{"connector":"a","task":1}]},`+
		`"status":{"name":"a","connector":{"state":"RUNNING"},"tasks":[{"id":0,"state":"UNASSIGNED"}]}}}`)
	one.Inject(http.MethodGet, "/connectors", 1, unassigned)
	steps := []func(){
		func() { one.Announce("new") },
		func() { two.Announce("new"); two.Inject(http.MethodGet, "/connectors/*", 1, connectfake.Rebalancing()) },
		func() {}, func() {}, func() {}, func() {},
	}
	var checks int
	states, err := rollout(t.Context(), t, connectclient.Rollout{
		Progress: func(connectclient.RolloutState) { steps[0](); steps = steps[1:] },
		Check: func(_ context.Context, connectors map[string]connectclient.ConnectorWithStatus) ([]string, error) {
			if checks++; checks > 1 {
				return nil, nil
			}
			return []string{"connector a is assigned to no worker"}, nil
		},
	}, one, two)
	want := []string{
		one.URL() + " runs revision old\n" + two.URL() + " announces no revision",
		two.URL() + " announces no revision",
		two.URL() + " runs the revision, but is not ready: GET " + two.URL() + "/connectors/kafkaconnect-readiness-check: Request cannot be completed because a rebalance is expected (500)",
		"task 0 of connector a is UNASSIGNED\ntask 1 of connector a has no status yet",
		"connector a is assigned to no worker",
		"all workers run the revision",
	}
	if err != nil || !reflect.DeepEqual(states, want) {
		t.Errorf("got %v, %v, want %v", states, err, want)
	}
}

// At the end of the time, the error names the workers that run another revision, and those that do not answer.
func TestAwaitRolloutTimesOut(t *testing.T) {
	one := connectfake.New(t)
	two, down := one.Peer(t), one.Peer(t)
	one.Announce("new")
	two.Announce("old")
	down.Stop()
	wait := newTimer(t)
	_, err := rollout(wait, t, connectclient.Rollout{Progress: func(connectclient.RolloutState) { wait.end() }}, one, two, down)
	failed, ok := errors.AsType[*connectclient.RolloutError](err)
	if !ok || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	missing := failed.State.Missing()
	if len(missing) != 2 || missing[0] != two.URL()+" runs revision old" || !strings.HasPrefix(missing[1], down.URL()+" does not answer: GET "+down.URL()+"/: no connection: ") {
		t.Errorf("got %q", missing)
	}
	if one.Count(http.MethodGet, "/connectors") != 0 {
		t.Error("the connectors were listed although a worker runs another revision")
	}
}

// A worker that does not answer at all is the reason, not the end of the wait.
func TestAwaitRolloutOfASilentWorker(t *testing.T) {
	one := connectfake.New(t)
	one.Announce("old")
	one.Inject("", "", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(rw, r) })
	wait := newTimer(t)
	one.Inject("", "", connectfake.Always, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		wait.end()
		connectfake.Held(nil)(rw, r, next)
	})
	_, err := rollout(wait, t, connectclient.Rollout{}, one)
	failed, ok := errors.AsType[*connectclient.RolloutError](err)
	if !ok || failed.State.String() != one.URL()+" runs revision old" {
		t.Errorf("got %v", err)
	}
}

// An error that does not go away by waiting ends the wait.
func TestAwaitRolloutEndsAtOnce(t *testing.T) {
	one, two := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
	one.Announce("new")
	two.Announce("new")
	if _, err := rollout(t.Context(), t, connectclient.Rollout{}, one, two); !errors.Is(err, connectclient.ErrDifferentClusters) {
		t.Errorf("two clusters: got %v", err)
	}
	broken := errors.New("no broker")
	check := func(context.Context, map[string]connectclient.ConnectorWithStatus) ([]string, error) {
		return nil, broken
	}
	if _, err := rollout(t.Context(), t, connectclient.Rollout{Check: check}, one); !errors.Is(err, broken) {
		t.Errorf("failed check: got %v", err)
	}
	one.Inject("", "", connectfake.Always, connectfake.Answer(http.StatusForbidden, "", ""))
	if _, err := rollout(t.Context(), t, connectclient.Rollout{}, one); !errors.Is(err, connectclient.ErrForbidden) {
		t.Errorf("forbidden: got %v", err)
	}
}

// Users see the same versions in features as in the errors of workers that are too old.
func TestFeatures(t *testing.T) {
	for version, want := range map[string]map[string]bool{
		"2.8.2":     {"restart_tasks": false, "stop": false, "plugin_versions": false},
		"3.0.0":     {"restart_tasks": true, "plugin_config": false, "exactly_once_source": false},
		"3.5.2":     {"stop": true, "read_offsets": true, "alter_offsets": false, "initial_state": false},
		"7.6.0-ccs": {"alter_offsets": true, "cluster_loggers": false}, // 3.6
		"3.7.2":     {"initial_state": true, "initial_offsets": true, "cluster_loggers": true, "patch_config": false, "health": false},
		"4.0.0":     {"patch_config": true, "health": true, "plugin_versions": false},
		"4.1.0":     {"plugin_versions": true},
		"nightly":   {"plugin_versions": true, "stop": true},
	} {
		got := connectclient.Cluster{Version: version}.Features()
		for name, has := range want {
			if found, ok := got[name]; !ok || found != has {
				t.Errorf("%s: %s is %v (known: %v)", version, name, found, ok)
			}
		}
		if len(got) != len(connectclient.AllFeatures()) {
			t.Errorf("%s: %d features, %d are known", version, len(got), len(connectclient.AllFeatures()))
		}
	}
}
