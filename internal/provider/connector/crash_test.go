package connector_test

import (
	kafkaconnect "github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/connector"

	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// crashPoints are the places in which the provider can be made to panic while it creates or updates a connector, by
// the names that acctest.CrashEnv takes. Each comes once a request with a body is under way, so that the secrets are in hand.
var crashPoints = map[string]func(*httptrace.ClientTrace, func()){
	"sending": func(trace *httptrace.ClientTrace, crash func()) {
		trace.WroteRequest = func(httptrace.WroteRequestInfo) { crash() }
	},
	"answered": func(trace *httptrace.ClientTrace, crash func()) { trace.GotFirstResponseByte = crash },
	"waiting":  func(trace *httptrace.ClientTrace, crash func()) { trace.GetConn = func(string) { crash() } },
}

// crashing is a provider whose connectors panic at that point.
func crashing(point string) provider.Provider {
	base := kafkaconnect.New("test")().(provider.ProviderWithValidateConfig)
	return &crashingProvider{base, crashPoints[point]}
}

type crashingProvider struct {
	provider.ProviderWithValidateConfig
	arm func(*httptrace.ClientTrace, func())
}

func (p *crashingProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &crashingConnector{&connector.Resource{}, p.arm} },
	}
}

type crashingConnector struct {
	*connector.Resource
	arm func(*httptrace.ClientTrace, func())
}

func (r *crashingConnector) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.Resource.Create(r.armed(ctx), req, resp)
}

func (r *crashingConnector) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.Resource.Update(r.armed(ctx), req, resp)
}

// armed is a context whose requests panic as a slip of ours would: with an error of Go's own.
func (r *crashingConnector) armed(ctx context.Context) context.Context {
	var body atomic.Bool
	trace := &httptrace.ClientTrace{WroteHeaderField: func(key string, _ []string) {
		if key == "Content-Length" {
			body.Store(true)
		}
	}}
	r.arm(trace, func() {
		if body.Load() {
			_ = os.Args[len(os.Args)]
		}
	})
	return httptrace.WithClientTrace(ctx, trace)
}

// A crash is a way for the provider to end in the middle of an apply.
type crash struct {
	signal syscall.Signal // sent once the worker has taken a configuration and before the provider is told so
	point  string         // or where it panics
}

// A provider that crashes with secrets in its hands prints stacks and registers, Terraform shows and logs them, and
// both may write files. None of that has a secret in it, however much Go is told to print. No core files, which are
// the memory as it is, are asked for.
func TestAccConnector_crashesShowNoSecrets(t *testing.T) {
	t.Parallel()
	for traceback, crashes := range map[string][]crash{ // the first in a create, the others in updates
		"single": {{signal: syscall.SIGQUIT}, {signal: syscall.SIGABRT}, {point: "waiting"}},
		"all":    {{point: "waiting"}, {signal: syscall.SIGQUIT}, {point: "sending"}, {signal: syscall.SIGABRT}},
		"system": {{signal: syscall.SIGABRT}, {point: "answered"}, {signal: syscall.SIGQUIT}},
		"crash":  {{signal: syscall.SIGQUIT}, {signal: syscall.SIGABRT}, {point: "sending"}},
	} {
		t.Run(traceback, func(t *testing.T) {
			t.Parallel()
			s := newCrashScene(t, traceback)
			s.crashes(crashes[0], "Create")
			if out := s.c.Must("state", "list"); out != "" {
				t.Errorf("there is something in the state:\n%s", out)
			}
			s.settles()
			for _, crash := range crashes[1:] {
				s.rotate()
				s.crashes(crash, "Update")
			}
			s.settles()
			s.c.MustBeEmpty()
			s.search()
		})
	}
}

// crashScene is a connector with secrets whose provider crashes, and all that was seen of it.
type crashScene struct {
	t      *testing.T
	w      *worker
	c      *acctest.CLI
	name   string
	plain  map[string]string
	env    []string          // of all that runs
	secret map[string]string // write-only values by key, as of now
	stored map[string]string // values of config_sensitive, likewise
	every  []string          // write-only values, those of before included
	kept   []string          // values of config_sensitive, likewise
	seen   strings.Builder   // all but the state
}

func newCrashScene(t *testing.T, traceback string) *crashScene {
	t.Helper()
	s := &crashScene{t: t, w: sharedWorker(t), name: acctest.UniqueName("crash"), plain: source(t)}
	t.Cleanup(func() { s.w.Delete(s.name) })
	s.c = acctest.NewCLI(t, declared(s.w.URL, s.name, s.plain, "config_wo = var.secrets", "config_sensitive = var.stored")+`
variable "secrets" {
  type      = map(string)
  sensitive = true
  ephemeral = true
}
variable "stored" {
  type      = map(string)
  sensitive = true
}
`)
	s.env = append(s.c.Env, "GOTRACEBACK="+traceback, "TF_LOG=TRACE")
	s.rotate()
	return s
}

// rotate makes all secrets other ones.
func (s *crashScene) rotate() {
	s.t.Helper()
	s.secret, s.stored = map[string]string{}, map[string]string{}
	for i := range 50 {
		s.secret[fmt.Sprintf("%s.%d", []string{"password", "setting"}[i%2], i)] = "s3cr3t-" + rand.Text()
	}
	for i := range 5 {
		s.stored[fmt.Sprintf("token.%d", i)] = "s3cr3t-" + rand.Text()
	}
	s.every = slices.AppendSeq(s.every, maps.Values(s.secret))
	s.kept = slices.AppendSeq(s.kept, maps.Values(s.stored))
}

// apply is Terraform with the secrets, in a provider that panics at the point, if any. Its log is returned too.
func (s *crashScene) apply(point string, end func() string) (log string) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "trace.log")
	s.c.Env = append(slices.Clone(s.env), "TF_LOG_PATH="+file, acctest.CrashEnv+"="+point,
		"TF_VAR_secrets="+encoded(s.t, s.secret), "TF_VAR_stored="+encoded(s.t, s.stored))
	s.seen.WriteString(end())
	text, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	s.seen.Write(text)
	return string(text)
}

func encoded(t *testing.T, values map[string]string) string {
	t.Helper()
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// crashes applies, which ends with that crash in the method of the resource.
func (s *crashScene) crashes(how crash, method string) {
	s.t.Helper()
	says, shown := "index out of range", []string{"plugin crashed!"}
	if how.signal != 0 {
		shown = nil // Terraform says of such an end either that the plugin did not respond or that the request was cancelled
		says = map[syscall.Signal]string{syscall.SIGQUIT: "SIGQUIT: quit", syscall.SIGABRT: "SIGABRT: abort"}[how.signal]
		s.w.After(func(r *http.Request) {
			if r.Method == http.MethodPost || strings.HasSuffix(r.URL.Path, "/config") && r.Method == http.MethodPut {
				s.c.SignalProvider(how.signal)
				<-r.Context().Done() // the provider is gone
			}
		})
	}
	log := s.apply(how.point, func() string {
		return s.c.MustFail(shown, "apply", "-auto-approve", "-no-color")
	})
	s.w.After(nil)
	for _, want := range []string{says, "connectorResource)." + method + "("} {
		if !strings.Contains(log, want) {
			s.t.Errorf("%q is not in the log of a crash by %v: the test shows nothing", want, how)
		}
	}
}

// settles applies without a crash.
func (s *crashScene) settles() {
	s.t.Helper()
	s.apply("", s.c.Apply)
	s.w.isRunning(s.name, acctest.With(acctest.With(s.plain, flatten(s.secret)...), flatten(s.stored)...))
}

// search looks for the secrets in all that was printed, logged and written, in clear text and as Go prints memory.
func (s *crashScene) search() {
	s.t.Helper()
	state := s.files()
	for _, secret := range slices.Concat(s.every, s.kept) {
		for _, form := range []string{secret, hex.EncodeToString([]byte(secret))} {
			if strings.Contains(s.seen.String(), form) {
				s.t.Errorf("a secret is in %s", acctest.Surroundings(s.seen.String(), form))
			}
		}
	}
	for _, secret := range s.every {
		if strings.Contains(state, secret) {
			s.t.Errorf("a write-only secret is in the state: %s", acctest.Surroundings(state, secret))
		}
	}
	all := strings.Join(slices.Concat(s.every, s.kept), "\n")
	for _, word := range regexp.MustCompile(`\b0x[0-9a-f]{12,16}\b`).FindAllString(s.seen.String(), -1) {
		if memory := memoryOf(word); strings.Contains(all, memory) {
			s.t.Errorf("a part of a secret is in the word %s", word)
		}
	}
}

// files adds all files that Terraform and the provider left, other than the state, which it returns.
func (s *crashScene) files() (state string) {
	s.t.Helper()
	err := filepath.WalkDir(s.c.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if strings.HasPrefix(entry.Name(), "terraform.tfstate") {
			state += readState(s.t, path)
			return nil
		}
		text, err := os.ReadFile(path)
		s.seen.Write(text)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return state
}

// memoryOf are the bytes that a processor which puts the lowest first has in memory for a word that Go printed.
func memoryOf(word string) string {
	digits := strings.TrimPrefix(word, "0x")
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	memory, _ := hex.DecodeString(digits) // hexadecimal digits they are
	slices.Reverse(memory)
	return string(memory)
}
