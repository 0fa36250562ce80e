// Package raw does the work with plain HTTP requests, as many at a time as Terraform sends, and waits for the result as a
// script would. It measures the worker alone.
package raw

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
)

// pause is the wait between two polls, and before a request is sent again that failed because the workers were rebalancing.
const pause = 100 * time.Millisecond

// Client sends requests to one worker.
type Client struct {
	url  string
	http *http.Client
}

// New returns a client of the worker at the URL.
func New(url string) *Client {
	return &Client{url: url, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: work.Parallelism}}}
}

// Send sends the requests of an operation on connectors, which the work describes after the operation.
func (c *Client) Send(ctx context.Context, op result.Operation, w work.Work) error {
	return each(ctx, w.N, func(ctx context.Context, i int) (err error) {
		name, config := work.Name(i), w.Config(i)
		switch op {
		case result.Create:
			body := map[string]any{"name": name, "config": config, "initial_state": w.State}
			_, err = c.do(ctx, http.MethodPost, "/connectors", body, http.StatusCreated)
		case result.Change:
			_, err = c.do(ctx, http.MethodPut, "/connectors/"+name+"/config", config, http.StatusOK)
		case result.Destroy:
			_, err = c.do(ctx, http.MethodDelete, "/connectors/"+name, nil, http.StatusNoContent)
		default:
			err = fmt.Errorf("plain requests cannot run %q", op)
		}
		return err
	})
}

// Wait waits until the operation is in effect, and tells whether it had to poll more than once:
//
//   - After a create, all connectors and their tasks have the wanted state.
//   - After a change, the tasks have the new configuration, and then all connectors and tasks have the wanted state.
//   - After a destroy, the worker lists no connector.
func (c *Client) Wait(ctx context.Context, op result.Operation, w work.Work) (waited bool, err error) {
	switch op {
	case result.Create:
		return poll(ctx, func() (bool, error) { return c.settled(ctx, w) })
	case result.Change:
		changed := make([]bool, w.N)
		waited, err = poll(ctx, func() (bool, error) { return c.changed(ctx, w, changed) })
		if err != nil {
			return waited, err
		}
		again, err := poll(ctx, func() (bool, error) { return c.settled(ctx, w) })
		return waited || again, err
	case result.Destroy:
		return poll(ctx, func() (bool, error) {
			names, err := c.names(ctx)
			return len(names) == 0, err
		})
	default:
		return false, nil
	}
}

// Clear deletes every connector on the worker. It waits until the worker has no status of the first n either, which is when
// their tasks have stopped.
func (c *Client) Clear(ctx context.Context, n int) error {
	names, err := c.names(ctx)
	if err != nil {
		return err
	}
	err = each(ctx, len(names), func(ctx context.Context, i int) error {
		_, err := c.do(ctx, http.MethodDelete, "/connectors/"+names[i], nil, http.StatusNoContent, http.StatusNotFound)
		return err
	})
	if err != nil {
		return err
	}
	return each(ctx, n, func(ctx context.Context, i int) error {
		_, err := poll(ctx, func() (bool, error) {
			_, status, err := c.once(ctx, http.MethodGet, "/connectors/"+work.Name(i)+"/status", nil)
			return status == http.StatusNotFound, err
		})
		return err
	})
}

// names returns the names of all connectors. Unlike the listing with statuses, it has those without a status.
func (c *Client) names(ctx context.Context) (names []string, err error) {
	answer, err := c.do(ctx, http.MethodGet, "/connectors", nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	return names, json.Unmarshal(answer, &names)
}

// part is a connector or a task in a status.
type part struct {
	State string `json:"state"`
}

// settled tells, by one listing, whether exactly the connectors of the work exist and have its state, and so do their tasks.
// Each one has one task, and none if it is stopped.
func (c *Client) settled(ctx context.Context, w work.Work) (bool, error) {
	answer, err := c.do(ctx, http.MethodGet, "/connectors?expand=status", nil, http.StatusOK)
	if err != nil {
		return false, err
	}
	var all map[string]struct {
		Status struct {
			Connector part   `json:"connector"`
			Tasks     []part `json:"tasks"`
		} `json:"status"`
	}
	if err := json.Unmarshal(answer, &all); err != nil {
		return false, err
	}
	tasks := []part{{w.State}}
	if w.State == work.Stopped {
		tasks = nil
	}
	for _, one := range all {
		if one.Status.Connector.State != w.State || !slices.Equal(one.Status.Tasks, tasks) {
			return false, nil
		}
	}
	return len(all) == w.N, nil
}

// task is a task in the answer to GET /connectors/{name}/tasks.
type task struct {
	Config map[string]string `json:"config"`
}

// changed reads the tasks of each connector that is not marked yet. It marks those whose tasks have the configuration, and tells
// whether all are marked.
func (c *Client) changed(ctx context.Context, w work.Work, marks []bool) (bool, error) {
	err := each(ctx, w.N, func(ctx context.Context, i int) error {
		if marks[i] {
			return nil
		}
		answer, err := c.do(ctx, http.MethodGet, "/connectors/"+work.Name(i)+"/tasks", nil, http.StatusOK)
		if err != nil {
			return err
		}
		var tasks []task
		if err := json.Unmarshal(answer, &tasks); err != nil {
			return err
		}
		marks[i] = !slices.ContainsFunc(tasks, func(t task) bool { return t.Config[work.Changed] != w.Config(i)[work.Changed] })
		return nil
	})
	return !slices.Contains(marks, false), err
}

// poll calls done until it returns true or an error, and tells whether it called it more than once.
func poll(ctx context.Context, done func() (bool, error)) (waited bool, err error) {
	for ; ; waited = true {
		ok, err := done()
		if ok || err != nil {
			return waited, err
		}
		if err := sleep(ctx); err != nil {
			return waited, err
		}
	}
}

func sleep(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

// each calls do for 0 to n-1, as many at a time as Terraform does, and in random order as Terraform does. In the order of their
// creation, idle tasks would stop one after the other, because each one checks once a second whether it should stop.
func each(ctx context.Context, n int, do func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(work.Parallelism)
	for _, i := range rand.Perm(n) {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}

// do sends a request and returns the body of a response with a wanted status. It retries 409 and 500, which workers
// return while they rebalance.
func (c *Client) do(ctx context.Context, method, path string, body any, want ...int) ([]byte, error) {
	for {
		answer, status, err := c.once(ctx, method, path, body)
		switch {
		case err != nil:
			return nil, err
		case slices.Contains(want, status):
			return answer, nil
		case status != http.StatusConflict && status != http.StatusInternalServerError:
			return nil, fmt.Errorf("%s %s: status %d: %s", method, path, status, answer)
		}
		if err := sleep(ctx); err != nil {
			return nil, err
		}
	}
}

func (c *Client) once(ctx context.Context, method, path string, body any) (answer []byte, status int, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(text))
	if err != nil {
		return nil, 0, err
	}
	if body == nil {
		req.Body, req.ContentLength = nil, 0
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return answer, resp.StatusCode, err
}
