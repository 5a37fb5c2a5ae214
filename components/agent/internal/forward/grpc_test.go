package forward

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"flotilla.dev/agent/internal/registry"
)

func startGRPC(t *testing.T) (*health.Server, registry.Instance) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, state := grpc.NewServer(), health.NewServer()
	healthpb.RegisterHealthServer(server, state)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return state, instanceAt(listener.Addr().String())
}

func healthClient(t *testing.T, address string) healthpb.HealthClient {
	t.Helper()
	connection, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return healthpb.NewHealthClient(connection)
}

func TestGRPCCallsStreamsAndTrailers(t *testing.T) {
	t.Parallel()
	state, instance := startGRPC(t)
	f := startForwarder(t, "grpc:users", instance)
	client := healthClient(t, f.address)
	answer, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || answer.Status != healthpb.HealthCheckResponse_SERVING {
		t.Fatalf("got %v, %v", answer, err)
	}
	if _, err = client.Check(t.Context(), &healthpb.HealthCheckRequest{Service: "nobody"}); status.Code(err) != codes.NotFound {
		t.Fatalf("the status of the instance is lost: %v", err)
	}
	stream, err := client.Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []healthpb.HealthCheckResponse_ServingStatus{healthpb.HealthCheckResponse_SERVING, healthpb.HealthCheckResponse_NOT_SERVING} {
		message, err := stream.Recv()
		if err != nil || message.Status != want {
			t.Fatalf("got %v, %v, want %v", message, err, want)
		}
		state.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	}
}

func TestGRPCCallsAreBalancedOneByOne(t *testing.T) {
	t.Parallel()
	first, firstInstance := startGRPC(t)
	_, secondInstance := startGRPC(t)
	first.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	f := startForwarder(t, "grpc:users", firstInstance, secondInstance)
	client := healthClient(t, f.address)
	answers := map[healthpb.HealthCheckResponse_ServingStatus]int{}
	for range 10 {
		answer, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		answers[answer.Status]++
	}
	if answers[healthpb.HealthCheckResponse_SERVING] != 5 || answers[healthpb.HealthCheckResponse_NOT_SERVING] != 5 {
		t.Fatalf("answers are %v, want 5 of each instance", answers)
	}
}

// A gRPC server closes the connection of a client that pings it too often, with all of its streams, after three pings.
func TestGRPCQuietStreamIsNotCutOff(t *testing.T) {
	t.Parallel()
	state, instance := startGRPC(t)
	f := startForwarder(t, "grpc:users", instance)
	stream, err := healthClient(t, f.address).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(25*time.Second, func() { state.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING) })
	message, err := stream.Recv()
	if err != nil || message.Status != healthpb.HealthCheckResponse_NOT_SERVING {
		t.Fatalf("got %v, %v after a quiet time", message, err)
	}
}

func TestGRPCWithoutInstanceIsUnavailable(t *testing.T) {
	t.Parallel()
	f := startForwarder(t, "grpc:users")
	_, err := healthClient(t, f.address).Check(t.Context(), &healthpb.HealthCheckRequest{})
	if status.Code(err) != codes.Unavailable || status.Convert(err).Message() != `No instance of "users" could be reached within 2s.` {
		t.Fatalf("got %v", err)
	}
}

func TestGRPCStreamEndsBeforeTheStop(t *testing.T) {
	t.Parallel()
	_, instance := startGRPC(t)
	f := startForwarder(t, "grpc:users", instance)
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := healthClient(t, f.address).Watch(ctx, &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	f.stop()
	select {
	case <-f.ended:
		t.Fatal("the forwarder ended while a stream was open")
	case <-time.After(300 * time.Millisecond):
	}
	cancel()
	<-f.ended
}
