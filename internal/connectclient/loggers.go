package connectclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// RootLogger is the logger above all others. Every worker has it.
const RootLogger = "root"

// ErrNoLoggers means that a server of [Config.AdminURLs] has no endpoints for loggers: the workers have another admin listener, or
// none (admin.listeners, KIP-495).
var ErrNoLoggers = errors.New("no loggers at this address")

const (
	// silentWait is how long a change of levels waits for workers that do not answer while another one does. A worker that is
	// down loses its levels when it restarts, so a longer wait would be of no use.
	silentWait = 5 * time.Second

	// silentPause is how long a worker that has not answered for silentWait is not asked again.
	silentPause = 30 * time.Second

	// spreadWait is how long workers may take to read a change that another worker has written for the whole cluster. It is
	// then sent to each worker that lacks it: one of an older version does not read such changes.
	spreadWait = 5 * time.Second

	// lateWait is how long levels must stay in effect after a request whose outcome is unknown. The worker may still execute
	// that request, after others that were sent later, and overwrite the levels of loggers below.
	lateWait = 5 * time.Second

	// sendTimeout bounds the requests that send a change to one worker, before the next worker gets it.
	sendTimeout = 10 * time.Second
)

// WorkerLoggers are the loggers of the worker at one URL.
type WorkerLoggers struct {
	URL    string
	Levels map[string]string // by logger. Workers before 4.0 list those with a level of their own, later ones all except those with OFF
	Err    error             // the worker does not answer
}

// Level returns the level in effect for a logger: its own or, if the worker reports none, that of the next logger above.
func (w WorkerLoggers) Level(name string) string {
	for ; name != ""; name = parentLogger(name) {
		if level, ok := w.Levels[name]; ok {
			return level
		}
	}
	return w.Levels[RootLogger]
}

// Own returns the level of a logger, or "" if it is the level that the logger would inherit.
func (w WorkerLoggers) Own(name string) string {
	level := w.Level(name)
	if name != RootLogger && level == w.Inherited(name) {
		return ""
	}
	return level
}

// Inherited returns the level that a logger has without a level of its own.
func (w WorkerLoggers) Inherited(name string) string { return w.Level(parentLogger(name)) }

// parentLogger returns the name of the logger above, or "" for the root logger.
func parentLogger(name string) string {
	end := strings.LastIndexByte(name, '.')
	return name[:max(end, 0)]
}

// Lineage returns a logger and those above it, without the root logger.
func Lineage(name string) (lineage []string) {
	for ; name != "" && name != RootLogger; name = parentLogger(name) {
		lineage = append(lineage, name)
	}
	return lineage
}

// Covers reports whether a worker that sets the level of one logger sets that of another one, too. It does so for every
// existing logger whose name begins with the same text (KIP-495): "a.b" covers "a.b.c" and "a.bc".
func Covers(logger, other string) bool {
	return other != logger && other != RootLogger && (logger == RootLogger || strings.HasPrefix(other, logger))
}

// logger is a logger in the form of the REST API.
type logger struct {
	Level string `json:"level"`
}

// LoggerLevel is the level of a logger.
type LoggerLevel struct {
	Name, Level string
}

// admin are the listeners with the loggers, one for each worker.
type admin struct {
	clients []*Client // each for one URL

	mu     sync.Mutex
	silent map[string]silence // by URL
}

// silence is the time since which a worker does not answer.
type silence struct {
	since, asked time.Time
	err          error
}

func newAdmin(clients []*Client) *admin {
	return &admin{clients: clients, silent: map[string]silence{}}
}

// Loggers asks all workers about their loggers, at the same time, until at least one answers. The named loggers are asked for by
// their names if the list of a worker does not have them. The error is that of a worker that will never answer, or the last
// one when ctx ends.
func (c *Client) Loggers(ctx context.Context, names ...string) ([]WorkerLoggers, error) {
	var failure error // of the first worker
	for pause := c.cfg.Retry.Min; ; pause = min(2*pause, c.cfg.Retry.Max) {
		list, err := c.askLoggers(func(i int) WorkerLoggers { return c.admin.ask(ctx, i, names) })
		if err != nil || slices.ContainsFunc(list, func(w WorkerLoggers) bool { return w.Err == nil }) {
			return list, err
		}
		if failure == nil || ctx.Err() == nil {
			failure = list[0].Err
		}
		if sleep(ctx, pause) != nil {
			return list, failure
		}
	}
}

// FindLogger returns a copy of the answer of [Client.Loggers] with one more logger, which is asked for by its name where the
// list of a worker does not have it.
func (c *Client) FindLogger(ctx context.Context, list []WorkerLoggers, name string) ([]WorkerLoggers, error) {
	return c.askLoggers(func(i int) WorkerLoggers {
		w := list[i]
		if _, listed := w.Levels[name]; w.Err == nil && !listed {
			w.Levels = maps.Clone(w.Levels)
			w.Err = c.admin.clients[i].findLogger(ctx, w, name)
		}
		return w
	})
}

// askLoggers asks all workers at the same time. The error is that of a worker that will never answer.
func (c *Client) askLoggers(ask func(worker int) WorkerLoggers) ([]WorkerLoggers, error) {
	list := make([]WorkerLoggers, len(c.admin.clients))
	var group sync.WaitGroup
	for i := range list {
		group.Go(func() { list[i] = ask(i) })
	}
	group.Wait()
	for _, w := range list {
		if w.Err != nil && !MayRecover(w.Err) {
			return list, w.Err
		}
	}
	return list, nil
}

// ask asks one worker, unless the worker has not answered for silentWait and was asked less than silentPause ago.
func (a *admin) ask(ctx context.Context, worker int, names []string) WorkerLoggers {
	one := a.clients[worker]
	url := one.workers[0].String()
	a.mu.Lock()
	before, silent := a.silent[url]
	a.mu.Unlock()
	if silent && before.asked.Sub(before.since) >= silentWait && time.Since(before.asked) < silentPause {
		return WorkerLoggers{URL: url, Err: before.err}
	}
	began := time.Now()
	w := one.ownLoggers(ctx, names)
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case w.Err == nil:
		delete(a.silent, url)
	case ctx.Err() != nil: // this says nothing about the worker
	case silent:
		a.silent[url] = silence{before.since, time.Now(), w.Err}
	default:
		a.silent[url] = silence{began, time.Now(), w.Err}
	}
	return w
}

// ownLoggers asks the only worker of the client.
func (c *Client) ownLoggers(ctx context.Context, names []string) WorkerLoggers {
	// GET /admin/loggers
	var answer map[string]logger
	w := WorkerLoggers{URL: c.workers[0].String(), Levels: map[string]string{}}
	if failure := c.once(ctx, 0, "/admin/loggers", &answer); failure != nil {
		w.Err = withoutLoggers(failure)
		return w
	}
	for name, one := range answer {
		w.Levels[name] = one.Level
	}
	for _, name := range names {
		if _, listed := w.Levels[name]; w.Err == nil && !listed {
			w.Err = c.findLogger(ctx, w, name)
		}
	}
	return w
}

// findLogger adds a logger that the worker does not list to w, unless it inherits its level. Workers since 4.0 do not list a
// logger with the level OFF.
func (c *Client) findLogger(ctx context.Context, w WorkerLoggers, name string) error {
	// GET /admin/loggers/{name}
	var answer logger
	failure := c.once(ctx, 0, "/admin/loggers/"+segment(name), &answer)
	switch {
	case failure == nil:
		w.Levels[name] = answer.Level
		return nil
	case failure.Status == http.StatusNotFound && failure.Message == "Logger "+name+" not found.":
		return nil
	}
	return withoutLoggers(failure)
}

// withoutLoggers makes the error of a missing endpoint [ErrNoLoggers].
func withoutLoggers(err error) error {
	if errors.Is(err, ErrUnsupported) {
		return fmt.Errorf("%w: %w", ErrNoLoggers, err)
	}
	return err
}

// SetLogger sets the level of a logger on every worker that answers, and waits until all of them show it. Keep are levels of
// loggers that [Covers] covers; they are set again. Levels that all workers show already are not sent. It returns the loggers
// of all workers.
//
// Since Kafka 3.7 (KIP-976) one worker sets the level for the whole cluster. Older workers ignore that this is asked for, which
// their answer shows, and each of them gets the change.
func (c *Client) SetLogger(ctx context.Context, name, level string, keep map[string]string) ([]WorkerLoggers, error) {
	levels, names := []LoggerLevel{{name, level}}, []string{name}
	for _, kept := range slices.Sorted(maps.Keys(keep)) {
		levels, names = append(levels, LoggerLevel{kept, keep[kept]}), append(names, kept)
	}
	var seen []WorkerLoggers // before ctx ended
	var sent time.Time       // when the levels were sent to all workers
	var unsure time.Time     // when the outcome of a request became unknown
	var failure error        // of the last attempt to send them
	for pause := c.cfg.Poll.Min; ; pause = min(2*pause, c.cfg.Poll.Max) {
		list, err := c.Loggers(ctx, names...)
		if ctx.Err() != nil && seen != nil {
			return nil, cmp.Or(failure, levelsNotSeen(seen, levels, ctx.Err()))
		}
		if err != nil {
			return nil, err
		}
		seen = list
		silent, lacks := c.compareLevels(list, levels)
		if len(lacks) == 0 && !c.waitsFor(silent) && time.Since(unsure) >= lateWait {
			return list, nil
		}
		if len(lacks) > 0 && (sent.IsZero() || time.Since(sent) >= spreadWait) {
			if failure = c.sendLevels(ctx, lacks, levels, sent.IsZero(), &unsure); failure == nil {
				sent = time.Now()
			} else if !MayRecover(failure) {
				return nil, failure
			}
		}
		_ = sleep(ctx, pause)
	}
}

// compareLevels returns the URLs of the workers that do not answer, and the indexes of those that answer and lack a level.
func (c *Client) compareLevels(list []WorkerLoggers, levels []LoggerLevel) (silent []string, lacks []int) {
	for i, w := range list {
		switch {
		case w.Err != nil:
			silent = append(silent, w.URL)
		case w.lacks(levels) != nil:
			lacks = append(lacks, i)
		}
	}
	return silent, lacks
}

// lacks returns the first level that the worker does not show, or nil.
func (w WorkerLoggers) lacks(levels []LoggerLevel) *LoggerLevel {
	for _, want := range levels {
		if w.Level(want.Name) != want.Level {
			return &want
		}
	}
	return nil
}

// waitsFor reports whether one of the workers has been silent for less than silentWait.
func (c *Client) waitsFor(silent []string) bool {
	c.admin.mu.Lock()
	defer c.admin.mu.Unlock()
	return slices.ContainsFunc(silent, func(url string) bool { return time.Since(c.admin.silent[url].since) < silentWait })
}

// sendLevels sends the levels in their order to the workers with these indexes. With wide, it ends after a worker that has set
// them for the whole cluster. It sets unsure when the outcome of a request is unknown.
func (c *Client) sendLevels(ctx context.Context, workers []int, levels []LoggerLevel, wide bool, unsure *time.Time) error {
	var failure error
	for _, worker := range workers {
		if failure != nil && ctx.Err() != nil {
			break // the failure says more than that the next request was not sent
		}
		whole, err := c.admin.clients[worker].sendAll(ctx, levels, wide, unsure)
		switch {
		case err != nil && !MayRecover(err):
			return err
		case err != nil:
			failure = err
		case whole:
			return nil
		}
	}
	return failure
}

// sendAll sends the levels to the only worker of the client. Whole is true if the worker has set them for the whole cluster.
func (c *Client) sendAll(ctx context.Context, levels []LoggerLevel, wide bool, unsure *time.Time) (whole bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	whole = wide
	for _, level := range levels {
		one, err := c.sendLevel(ctx, level, wide, unsure)
		if err != nil {
			return false, withoutLoggers(err)
		}
		whole = whole && one
	}
	return whole, nil
}

// sendLevel sends one level to the only worker of the client. Whole is true if the worker has set it for the whole cluster.
func (c *Client) sendLevel(ctx context.Context, level LoggerLevel, wide bool, unsure *time.Time) (whole bool, err error) {
	// PUT /admin/loggers/{name}
	set := call{method: http.MethodPut, path: "/admin/loggers/" + segment(level.Name), body: map[string]string{"level": level.Level}}
	if wide {
		set.query = "scope=cluster"
	}
	set.resolve = func(_ context.Context, failure *Error) (bool, error) {
		if failure.retry == outcomeUnknown {
			*unsure = time.Now()
			return false, nil // a second time, it changes nothing
		}
		return false, failure
	}
	status, err := c.do(ctx, set)
	if errors.Is(err, ErrIndeterminate) {
		*unsure = time.Now()
	}
	return status == http.StatusNoContent, err
}

// levelsNotSeen is the error of a change that workers do not show in time.
func levelsNotSeen(list []WorkerLoggers, levels []LoggerLevel, ended error) error {
	for _, w := range list {
		if lack := w.lacks(levels); w.Err == nil && lack != nil {
			return fmt.Errorf("the change was sent, but %s still has level %s for logger %q instead of %s: %w", w.URL, w.Level(lack.Name), lack.Name, lack.Level, ended)
		}
	}
	return ended
}
