// Package raw does the work with plain HTTP requests, as many at a time as Terraform sends. It measures the worker alone:
// nothing waits for a connector to reach its state.
package raw

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
)

// pause is the wait before a request is sent again that failed because the workers were rebalancing.
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

// Create creates n stopped connectors.
func (c *Client) Create(ctx context.Context, n, revision int) error {
	return each(ctx, n, func(ctx context.Context, i int) error {
		body := map[string]any{"name": work.Name(i), "config": work.Config(i, revision), "initial_state": "STOPPED"}
		_, err := c.do(ctx, http.MethodPost, "/connectors", body, http.StatusCreated)
		return err
	})
}

// Change changes the configuration of n connectors.
func (c *Client) Change(ctx context.Context, n, revision int) error {
	return each(ctx, n, func(ctx context.Context, i int) error {
		_, err := c.do(ctx, http.MethodPut, "/connectors/"+work.Name(i)+"/config", work.Config(i, revision), http.StatusOK)
		return err
	})
}

// Delete deletes n connectors.
func (c *Client) Delete(ctx context.Context, n int) error {
	return each(ctx, n, func(ctx context.Context, i int) error {
		return c.delete(ctx, work.Name(i))
	})
}

// Names returns the names of all connectors.
func (c *Client) Names(ctx context.Context) (names []string, err error) {
	answer, err := c.do(ctx, http.MethodGet, "/connectors", nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	return names, json.Unmarshal(answer, &names)
}

// Clear deletes every connector on the worker.
func (c *Client) Clear(ctx context.Context) error {
	names, err := c.Names(ctx)
	if err != nil {
		return err
	}
	return each(ctx, len(names), func(ctx context.Context, i int) error { return c.delete(ctx, names[i]) })
}

func (c *Client) delete(ctx context.Context, name string) error {
	_, err := c.do(ctx, http.MethodDelete, "/connectors/"+name, nil, http.StatusNoContent)
	return err
}

// each calls do for 0 to n-1, as many at a time as Terraform does.
func each(ctx context.Context, n int, do func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(work.Parallelism)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}

// do sends a request and returns the body of a response with the wanted status. It retries 409 and 500, which workers
// return while they rebalance.
func (c *Client) do(ctx context.Context, method, path string, body any, want int) ([]byte, error) {
	for {
		answer, status, err := c.once(ctx, method, path, body)
		switch {
		case err != nil:
			return nil, err
		case status == want:
			return answer, nil
		case status != http.StatusConflict && status != http.StatusInternalServerError:
			return nil, fmt.Errorf("%s %s: status %d", method, path, status)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
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
