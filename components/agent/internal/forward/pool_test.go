package forward

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"flotilla.dev/agent/internal/registry"
)

var errRefused = errors.New("refused")

func poolOf(addresses ...string) *pool {
	p := newPool("users", "", noTransport, slog.New(slog.DiscardHandler))
	p.update(instancesAt(addresses...))
	return p
}

func instancesAt(addresses ...string) []registry.Instance {
	instances := []registry.Instance{}
	for _, address := range addresses {
		instances = append(instances, instanceAt(address))
	}
	return instances
}

// pickIdle picks and releases at once.
func pickIdle(p *pool) string {
	e := p.pick(nil)
	p.release(e)
	return e.address
}

func TestPoolTakesTurns(t *testing.T) {
	p := poolOf("10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3")
	picks := []string{}
	for range 6 {
		picks = append(picks, pickIdle(p))
	}
	want := []string{"10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3", "10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3"}
	if !slices.Equal(picks, want) {
		t.Fatalf("picks are %v, want %v", picks, want)
	}
}

func TestPoolHonoursWeights(t *testing.T) {
	p := newPool("users", "", noTransport, slog.New(slog.DiscardHandler))
	instances := instancesAt("10.0.0.1:1", "10.0.0.2:2")
	instances[0].Metadata = map[string]string{"weight": "3"}
	p.update(instances)
	picks := []string{}
	for range 8 {
		picks = append(picks, pickIdle(p))
	}
	want := []string{
		"10.0.0.1:1", "10.0.0.1:1", "10.0.0.2:2", "10.0.0.1:1",
		"10.0.0.1:1", "10.0.0.1:1", "10.0.0.2:2", "10.0.0.1:1",
	}
	if !slices.Equal(picks, want) {
		t.Fatalf("idle picks are %v, want %v", picks, want)
	}
	active := map[string]int{}
	for range 40 {
		active[p.pick(nil).address]++
	}
	if active["10.0.0.1:1"] != 30 || active["10.0.0.2:2"] != 10 {
		t.Fatalf("calls in flight are %v, want 30 and 10", active)
	}
}

func TestPoolPrefersTheLeastBusy(t *testing.T) {
	p := poolOf("10.0.0.1:1", "10.0.0.2:2")
	busy := p.pick(nil)
	for range 3 {
		if pickIdle(p) == busy.address {
			t.Fatal("the busy one was picked")
		}
	}
}

func TestPoolEjectsForAWhileButNeverEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := poolOf("10.0.0.1:1", "10.0.0.2:2")
		first := p.pick(nil)
		p.release(first)
		p.eject(first, errRefused)
		for range 4 {
			if pickIdle(p) == first.address {
				t.Fatal("an ejected one was picked")
			}
		}
		second := p.pick(nil)
		p.release(second)
		p.eject(second, errRefused)
		if p.pick(nil) == nil {
			t.Fatal("nobody is left")
		}
		time.Sleep(ejection)
		if a, b := pickIdle(p), pickIdle(p); a == "" || b == "" {
			t.Fatal("nobody came back")
		}
	})
}

func TestPoolKeepsItsCountsOverUpdates(t *testing.T) {
	p := poolOf("10.0.0.1:1")
	busy := p.pick(nil)
	p.update(instancesAt("10.0.0.1:1", "10.0.0.2:2"))
	if e := p.pick(nil); e.address == busy.address {
		t.Fatal("the update forgot a call in flight")
	}
}

func TestPoolSelectsTheNamedPort(t *testing.T) {
	p := newPool("users", "admin", noTransport, slog.New(slog.DiscardHandler))
	instance := instanceAt("10.0.0.1:1")
	without := instanceAt("10.0.0.2:2")
	instance.Ports = append(instance.Ports, registry.Port{Name: "admin", Port: 9, Protocol: "http"})
	p.update([]registry.Instance{instance, without})
	if e := p.pick(nil); e.address != "10.0.0.1:9" || p.pick([]*endpoint{e}) != nil {
		t.Fatalf("picked %s", e.address)
	}
}

func TestTryGoesRoundUntilPatienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := poolOf("10.0.0.1:1", "10.0.0.2:2")
		begin := time.Now()
		tries := 0
		_, err := p.try(t.Context(), func(*endpoint) (bool, error) {
			tries++
			return true, errRefused
		})
		if !errors.Is(err, errNoInstance) || !errors.Is(err, errRefused) || time.Since(begin) != patience {
			t.Fatalf("%v after %s", err, time.Since(begin))
		}
		if want := 2 * int(patience/roundPause); tries != want {
			t.Fatalf("%d tries, want %d", tries, want)
		}
		if p.endpoints[0].active != 0 || p.endpoints[1].active != 0 {
			t.Fatal("calls are still counted")
		}
	})
}

func TestTryStopsWhenItMayNotGoOn(t *testing.T) {
	p := poolOf("10.0.0.1:1", "10.0.0.2:2")
	tries := 0
	_, err := p.try(t.Context(), func(*endpoint) (bool, error) {
		tries++
		return false, errRefused
	})
	if err != errRefused || tries != 1 {
		t.Fatalf("%v after %d tries", err, tries)
	}
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"--route", "127.0.0.1:15001=http:users", "--route", ":8080=grpc:edge:admin", "--ready-listen", ":15003"})
	if err != nil {
		t.Fatal(err)
	}
	want := []route{{"127.0.0.1:15001", "http", "users", ""}, {":8080", "grpc", "edge", "admin"}}
	if !slices.Equal(o.routes, want) || o.lookupListen != "127.0.0.1:15099" || o.readyListen != ":15003" {
		t.Fatalf("parsed %+v", o)
	}
}

func TestParseRefusesWrongOptions(t *testing.T) {
	const routeMessage = `--route must be LISTEN=PROTOCOL:SERVICE[:PORTNAME] with the protocol http, grpc or tcp, got %s; write for example 127.0.0.1:15001=http:users`
	cases := map[string]struct {
		arguments []string
		want      string
	}{
		"no route":       {nil, "--route is missing; write for example --route 127.0.0.1:15001=http:users"},
		"lookup address": {[]string{"--route", ":1=http:users", "--lookup-listen", "x"}, `--lookup-listen must be [ADDRESS]:PORT, got "x"; write for example :15000 or 127.0.0.1:15000`},
	}
	for _, text := range []string{"users", ":1=users", ":1=udp:users", "1=http:users", ":1=http:", ":1=http:users:", ":1=http:a:b:c", ":99999=http:users"} {
		cases[text] = struct {
			arguments []string
			want      string
		}{[]string{"--route", text}, fmt.Sprintf(routeMessage, strconv.Quote(text))}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := parse(c.arguments)
			if err == nil || err.Error() != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
		})
	}
}
