package logger_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// Mistakes are found before anything is sent.
func TestLogger_mistakes(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	urls := []string{w.URL()}
	for name, test := range map[string]struct {
		blocks []block
		says   []string
	}{
		"level":       {[]block{{"com.example", "BANANA"}}, []string{"Invalid Attribute Value Match", "level", "BANANA"}},
		"no level":    {[]block{{"com.example", ""}}, []string{"Invalid Attribute Value Match", "level"}},
		"slash":       {[]block{{"com/example", "INFO"}}, []string{"Invalid logger name", `"com/example"`}},
		"no name":     {[]block{{"", "INFO"}}, []string{"Invalid logger name"}},
		"root":        {[]block{{"ROOT", "INFO"}}, []string{"Invalid logger name", `the name of the root logger is "root"`}},
		"given twice": {[]block{{"com.example", "INFO"}, {"com.example", "WARN"}}, []string{`Logger "com.example" is declared twice`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.NewCLI(t, declared(urls, test.blocks...)).MustFail(test.says, plan...)
		})
	}
	t.Cleanup(func() {
		if n := w.Count(http.MethodPut, ""); n != 0 {
			t.Errorf("sent %d writes", n)
		}
	})
}

// One list of each worker serves all resources of a plan.
func TestLogger_requestsOfAPlan(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	two := one.Peer(t)
	var blocks []block
	for i := range 20 {
		blocks = append(blocks, block{fmt.Sprintf("com.example.L%02d", i), "DEBUG"})
	}
	c := acctest.NewCLI(t, declared([]string{one.URL(), two.URL()}, blocks...))
	c.Apply()
	if one.Count(http.MethodPut, "") != 20 || two.Count(http.MethodPut, "") != 0 {
		t.Errorf("the apply sent %d and %d writes", one.Count(http.MethodPut, ""), two.Count(http.MethodPut, ""))
	}
	one.Forget()
	two.Forget()
	c.MustBeEmpty()
	if one.Count("", "") != 1 || two.Count("", "") != 1 {
		t.Errorf("the plan sent %v and %v", one.Requests(), two.Requests())
	}
}

// While no worker answers, a plan keeps the state and warns once. A worker that rejects the credentials is an error.
func TestLogger_unreachable(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared([]string{w.URL()}, block{"com.example", "DEBUG"}, block{"com.other", "DEBUG"}))
	c.Apply()
	w.Inject("", "", connectfake.Always, connectfake.Reset())
	out := c.Must("plan", "-detailed-exitcode", "-no-color")
	acctest.SaidBy(t, out, "No changes")
	if n := strings.Count(out, "because no worker answers"); n != 1 {
		t.Errorf("warned %d times:\n%s", n, out)
	}
	w.Calm()
	w.Inject("", "/admin/*", connectfake.Always, connectfake.Fails(http.StatusForbidden, "no"))
	c.MustFail([]string{"Unable to read logger", "lacks permission"}, plan...)
}

// A change that a worker does not show fails, and is completed by the next apply. The original level is not lost.
func TestLogger_changeWithoutEffect(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.SetLevel("com.example", "WARN")
	text := strings.Replace(declared([]string{w.URL()}, block{"com.example", "DEBUG"}), "level =", "timeouts = { create = \"2s\" }\n  level =", 1)
	c := acctest.NewCLI(t, text)
	w.Inject(http.MethodPut, "", connectfake.Always, connectfake.Answer(http.StatusOK, "application/json", "[]"))
	c.MustFail([]string{`Unable to set logger "com.example"`, w.URL() + " still has level WARN", "raise the value in timeouts"}, apply...)
	w.Calm()
	c.Apply()
	if got := w.Level("com.example"); got != "DEBUG" {
		t.Errorf("got %s", got)
	}
	c.MustBeEmpty()
	c.Must("destroy", "-auto-approve", "-no-color")
	if got := w.Level("com.example"); got != "WARN" {
		t.Errorf("restored %s", got)
	}
}

// A level that another client has changed is a change.
func TestLogger_drift(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	two := one.Peer(t)
	c := acctest.NewCLI(t, declared([]string{one.URL(), two.URL()}, block{"com.example", "debug"}))
	c.Apply()
	c.MustBeEmpty()
	one.SetLevel("com.example", "ERROR")
	acctest.SaidBy(t, c.Must(plan...), `"DEBUG, ERROR" -> "debug"`)
	two.LoseLevels()
	acctest.SaidBy(t, c.Must(plan...), `"ERROR, INFO" -> "debug"`)
	one.LoseLevels()
	acctest.SaidBy(t, c.Must(plan...), `"INFO" -> "debug"`)
	c.Apply()
	if one.Level("com.example") != "DEBUG" || two.Level("com.example") != "DEBUG" {
		t.Errorf("got %s and %s", one.Level("com.example"), two.Level("com.example"))
	}
	c.MustBeEmpty()
}

// A worker may overwrite levels that this run has kept, after the change of a logger above. The last change of the run restores them.
func TestLogger_overwrittenLate(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"3.7.2", "4.3.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			one := connectfake.New(t, connectfake.WithVersion(version))
			two := one.Peer(t)
			below := []block{{"com.example.A", "OFF"}, {"com.example.AB", "DEBUG"}}
			blocks := func(above, other string) string {
				last := strings.Replace(loggers(block{"org.other", other}), "level", "depends_on = [kafkaconnect_logger.test2]\n  level", 1)
				return declared([]string{one.URL(), two.URL()}, append(below, block{"com.example", above})...) + strings.Replace(last, `"test"`, `"last"`, 1)
			}
			c := acctest.NewCLI(t, blocks("DEBUG", "DEBUG"))
			c.Apply()
			c.Apply() // a new logger above does not know those with OFF
			c.MustBeEmpty()
			one.Inject(http.MethodPut, "/admin/loggers/org.other", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				next.ServeHTTP(rw, r)
				one.SetLevel("com.example", "WARN") // as a request that is executed late
				two.SetLevel("com.example", "WARN")
			})
			one.Forget()
			c.Configure(blocks("WARN", "ERROR"))
			c.Apply()
			for _, want := range append(below, block{"com.example", "WARN"}, block{"org.other", "ERROR"}) {
				have(t, []string{one.URL(), two.URL()}, want.name, want.level)
			}
			c.MustBeEmpty()
		})
	}
}

// A replacement leaves the declared level. If the new resource is created first, the original level is lost, with a warning.
func TestLogger_replace(t *testing.T) {
	t.Parallel()
	const name, lost = "org.apache.kafka.connect.runtime", "was not restored"
	for lifecycle, restored := range map[string]bool{"": true, "lifecycle { create_before_destroy = true }\n": false} {
		t.Run(fmt.Sprintf("restored %v", restored), func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			urls := []string{w.URL()}
			c := acctest.NewCLI(t, strings.Replace(declared(urls, block{name, "DEBUG"}), "name ", lifecycle+"  name ", 1))
			c.Apply()
			out := c.Must("apply", "-auto-approve", "-no-color", "-replace="+address)
			if strings.Contains(out, lost) == restored {
				t.Errorf("the apply says:\n%s", out)
			}
			have(t, urls, name, "DEBUG")
			c.MustBeEmpty()
			c.Must("taint", address)
			c.Apply()
			have(t, urls, name, "DEBUG")
			c.MustBeEmpty()
		})
	}
}
