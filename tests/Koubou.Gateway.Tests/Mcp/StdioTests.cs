using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.AspNetCore.Hosting;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Tests.Mcp;

/// <summary><c>koubou mcp</c> as a client starts it: a process of its own, spoken to over its pipes.</summary>
public sealed class StdioTests(WorkshopFixture workshop)
{
    public static TheoryData<string> Versions => ["2025-06-18", McpSteps.Sessions, McpSteps.Newest];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Bridge_InEveryProtocolVersion_CarriesToolsProgressAndResources(string version)
    {
        var type = workshop.NewType();
        await using var client = await McpSteps.ConnectByPipesAsync(workshop.Gateway.Main, version);
        await using var node = await workshop.JoinAsync(type);
        using var notes = new Notes();

        var id = await client.DelegateAsync(type);
        var waiting = client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""", notes);
        await notes.HeardAsync("queued");
        await node.CompleteAsync(await node.TakeAsync(), "across the\u2028bridge\n工房");
        var waited = await waiting;
        var output = await client.ReadResourceAsync($"koubou://tasks/{id}/output");

        Assert.Equal(version, client.NegotiatedProtocolVersion);
        Assert.Equal("across the\u2028bridge\n工房", Assert.Single(waited["finished"].EnumerateArray()).Text("output"));
        Assert.Equal("across the\u2028bridge\n工房", Assert.IsType<TextResourceContents>(Assert.Single(output.Contents)).Text);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Bridge_WhenACallIsCancelled_CancelsItAtTheGateway(string version)
    {
        var type = workshop.NewType();
        await using var client = await McpSteps.ConnectByPipesAsync(workshop.Gateway.Main, version);
        var id = await client.DelegateAsync(type);
        using var notes = new Notes();

        // Greeting, delegate, wait: the third request. The client's own cancellation may forget to tell over pipes.
        var waiting = client.CallAsync("wait", $$"""{"ids":["{{id}}"],"cancel_on_abort":true}""", notes);
        await notes.HeardAsync("queued");
        await client.SendNotificationAsync(
            NotificationMethods.CancelledNotification, new CancelledNotificationParams { RequestId = new RequestId(3) });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await workshop.HappenedAsync(id, EventKind.Cancelled);
    }

    [Fact]
    public async Task Bridge_InASession_CarriesWhatTheServerSaysUnasked()
    {
        var type = workshop.NewType();
        await using var client = await McpSteps.ConnectByPipesAsync(workshop.Gateway.Main, McpSteps.Sessions);
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);
        var told = new TaskCompletionSource();

        await using var subscription = await client.SubscribeToResourceAsync($"koubou://tasks/{id}", (_, _) =>
        {
            told.TrySetResult();
            return ValueTask.CompletedTask;
        });
        await node.TakeAsync();

        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Bridge_AfterTheGatewayRestarted_GoesOnAsIfNothingHadHappened(string version)
    {
        var type = workshop.NewType();
        var home = Directory.CreateTempSubdirectory("koubou-bridge-").FullName;
        await using var node = await workshop.JoinAsync(type);
        var first = Start(home, "http://127.0.0.1:0");
        var address = first.Main;
        await using var client = await McpSteps.ConnectByPipesAsync(address, version);
        var id = await client.DelegateAsync(type);
        await first.DisposeAsync();

        await node.CompleteAsync(await node.TakeAsync(), "later");
        await workshop.HappenedAsync(id, EventKind.Succeeded);
        await using (Start(home, address.ToString()))
        {
            var waited = await client.CallAsync("wait", $$"""{"ids":["{{id}}"]}""");

            Assert.Equal("later", Assert.Single(waited["finished"].EnumerateArray()).Text("output"));
        }

        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task Bridge_WithNoWorkshopRunning_SaysHowToStartIt()
    {
        var error = await Assert.ThrowsAnyAsync<McpException>(
            () => McpSteps.ConnectByPipesAsync(new Uri("http://127.0.0.1:9"), McpSteps.Sessions));

        Assert.Contains("dotnet run --project Koubou.AppHost", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bridge_WithAKeyInTheEnvironment_OpensALockedDoor()
    {
        await using var gateway = workshop.StartGateway(("Koubou:Gateway:ApiKeys:0", "a-key-only-for-this-test"));

        await using var client = await McpSteps.ConnectByPipesAsync(gateway.Main, McpSteps.Newest, key: "a-key-only-for-this-test");
        var refused = await Assert.ThrowsAnyAsync<McpException>(() => McpSteps.ConnectByPipesAsync(gateway.Main, McpSteps.Sessions));

        Assert.False((await client.CallAsync("workshop_status")).IsError);
        Assert.Contains("KOUBOU_API_KEY", refused.Message, StringComparison.Ordinal);
    }

    private GatewayHost Start(string home, string address) => GatewayHost.Start(
        home,
        (WebHostDefaults.ServerUrlsKey, address),
        ("Koubou:Scheduler:Address", workshop.Scheduler.Address),
        ("Koubou:Web:Address", "http://127.0.0.1:9"));
}
