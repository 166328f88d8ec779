using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Errors;

/// <summary>A workshop of its own: its scheduler fails on purpose.</summary>
public sealed class SchedulerErrorTests : IAsyncLifetime
{
    private const string Task = """{"prompt":"a"}""";
    private readonly WorkshopFixture _workshop = new();

    public ValueTask InitializeAsync() => _workshop.InitializeAsync();

    public ValueTask DisposeAsync() => _workshop.DisposeAsync();

    [Fact]
    public async Task QueueFull_Is429WithTheTimeToWait()
    {
        using var full = _workshop.Scheduler.Fail("Submit", Refusal(
            Code.ResourceExhausted, "The queue is full.", new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(4.2)) }));

        var answer = await _workshop.Http.PostAsync("/task/delegate", Task);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Raw.Headers.RetryAfter!.Delta);
        Assert.Equal("The queue is full.", answer["detail"].GetString());
    }

    [Fact]
    public async Task DiskBroken_Is503WithTheSchedulersSentence()
    {
        using var broken = _workshop.Scheduler.Fail("Submit", Refusal(Code.Unavailable, "The disk is full. Free some space."));

        var answer = await _workshop.Http.PostAsync("/task/delegate", Task);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Equal("The disk is full. Free some space.", answer["detail"].GetString());
        Assert.NotNull(answer.Raw.Headers.RetryAfter);
    }

    [Theory]
    [InlineData(StatusCode.DeadlineExceeded, HttpStatusCode.GatewayTimeout)]
    [InlineData(StatusCode.Internal, HttpStatusCode.BadGateway)]
    [InlineData(StatusCode.Unimplemented, HttpStatusCode.NotImplemented)]
    [InlineData(StatusCode.FailedPrecondition, HttpStatusCode.Conflict)]
    [InlineData(StatusCode.NotFound, HttpStatusCode.NotFound)]
    public async Task OtherFailures_HaveAStatusAndNoInnards(StatusCode code, HttpStatusCode expected)
    {
        using var failing = _workshop.Scheduler.Fail("GetStatus", new RpcException(new Grpc.Core.Status(code, "detail")));

        var answer = await _workshop.Http.ReadAsync("/api/v1/status");

        Assert.Equal(expected, answer.Status);
        Assert.DoesNotContain("Exception", await answer.Raw.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task SchedulerAway_ShapeFaultsAreStillNamed()
    {
        using var away = _workshop.Scheduler.Fail("Submit", new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "away")));

        var answer = await _workshop.Http.PostAsync("/task/delegate", """{"priority":"high"}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["priority"], answer.FaultFields);
    }

    [Fact]
    public async Task SchedulerStopsAndComesBack_GatewayTurnsUnhealthyAndHealthyAgain()
    {
        await using var socket = await Sockets.SocketClient.ConnectAsync(_workshop.Gateway.WebSocket);
        var healthy = await _workshop.Http.GetAsync("/health");

        await _workshop.Scheduler.StopAsync();
        var unhealthy = await _workshop.Http.GetAsync("/health");
        var alive = await _workshop.Http.GetAsync("/alive");
        var submit = await _workshop.Http.PostAsync("/task/delegate", Task);
        await _workshop.Scheduler.RestartAsync();
        var id = await _workshop.Http.DelegateAsync("general");
        var update = await socket.UpdateOfAsync(id);
        var again = await _workshop.Http.GetAsync("/health");

        Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unhealthy.StatusCode);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, submit.Status);
        Assert.Contains("cannot be reached", submit["detail"].GetString());
        Assert.Equal("pending", update.Text("status"));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    private static RpcException Refusal(Code code, string message, params IMessage[] details)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message };
        status.Details.AddRange(details.Select(Any.Pack));
        return status.ToRpcException();
    }
}
