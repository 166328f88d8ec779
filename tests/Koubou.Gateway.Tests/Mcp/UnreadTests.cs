using Koubou.Contracts;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Tests.Workshop;
using Microsoft.Extensions.DependencyInjection;

namespace Koubou.Gateway.Tests.Mcp;

public sealed class UnreadTests(WorkshopFixture workshop) : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("koubou-unread-").FullName;

    [Fact]
    public async Task Reply_AfterATaskFinishedUnseen_ListsItUntilItIsRead()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var other = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type, "Find the bug.\nIt is small.");
        await node.CompleteAsync(await node.TakeAsync(), "There.");
        await HeardAsync(workshop.Gateway, id);

        var before = await client.CallAsync("list_tasks");
        var foreign = await other.CallAsync("list_tasks");
        var read = await client.CallAsync("get_result", $$"""{"id":"{{id}}"}""");
        var after = await client.CallAsync("list_tasks");

        Assert.Equal([id], before.UnreadIds);
        Assert.Contains("Find the bug.", before.Text, StringComparison.Ordinal);
        Assert.Empty(foreign.UnreadIds);
        Assert.Equal("There.", read["result"].Text("output"));
        Assert.Empty(read.UnreadIds);
        Assert.Empty(after.UnreadIds);
    }

    [Fact]
    public async Task Reply_AfterADigestOnly_StillListsTheResult()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var id = await client.DelegateAsync(type);
        await node.CompleteAsync(await node.TakeAsync(), new string('x', 15_000));
        await HeardAsync(workshop.Gateway, id);

        await client.CallAsync("get_result", $$"""{"id":"{{id}}"}""");
        var before = await client.CallAsync("list_tasks");
        await client.CallAsync("get_result", $$"""{"id":"{{id}}","offset":3000}""");
        var after = await client.CallAsync("list_tasks");

        Assert.Equal([id], before.UnreadIds);
        Assert.Empty(after.UnreadIds);
    }

    [Fact]
    public async Task Reply_WithMoreThanFiveUnread_NamesTheOldestAndCountsTheRest()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        await using var node = await workshop.JoinAsync(type);
        var batch = await client.CallAsync("delegate_many", $$"""
            {"tasks":[{"prompt":"1"},{"prompt":"2"},{"prompt":"3"},{"prompt":"4"},{"prompt":"5"},{"prompt":"6"}],"common":{"type":"{{type}}"} }
            """);
        var ids = batch["ids"].EnumerateArray().Select(id => id.GetString()!).ToList();
        for (var i = 0; i < ids.Count; i++)
        {
            await node.CompleteAsync(await node.TakeAsync(), "x");
        }

        await HeardAsync(workshop.Gateway, ids[^1]);
        var reply = await client.CallAsync("workshop_status");

        Assert.Equal(6, reply["unread"].GetProperty("count").GetInt32());
        Assert.Equal(ids.Take(5), reply.UnreadIds);
    }

    [Fact]
    public async Task Reply_AfterTheClientCancelled_DoesNotListTheTask()
    {
        var type = workshop.NewType();
        await using var client = await workshop.Gateway.ConnectAsync();
        var id = await client.DelegateAsync(type);

        await client.CallAsync("cancel", $$"""{"ids":["{{id}}"]}""");
        await HeardAsync(workshop.Gateway, id);

        Assert.Empty((await client.CallAsync("list_tasks")).UnreadIds);
    }

    [Fact]
    public async Task Reply_AfterTheGatewayRestarted_StillListsWhatIsUnread()
    {
        var type = workshop.NewType();
        var name = McpSteps.NewName();
        await using var node = await workshop.JoinAsync(type);
        string finishedBefore, finishedWhileAway, read;
        await using (var gateway = Start())
        await using (var client = await gateway.ConnectAsync(name: name))
        {
            read = await client.DelegateAsync(type, "read");
            await node.CompleteAsync(await node.TakeAsync(), "0");
            await client.CallAsync("wait", $$"""{"ids":["{{read}}"]}""");
            finishedBefore = await client.DelegateAsync(type, "before");
            await node.CompleteAsync(await node.TakeAsync(), "1");
            await HeardAsync(gateway, finishedBefore);
            finishedWhileAway = await client.DelegateAsync(type, "away");
        }

        await node.CompleteAsync(await node.TakeAsync(), "2");
        await workshop.HappenedAsync(finishedWhileAway, EventKind.Succeeded);
        await using var again = Start();
        await using var later = await again.ConnectAsync(name: name);
        var probe = await later.DelegateAsync(type, "probe");
        await node.CompleteAsync(await node.TakeAsync(), "3");
        await HeardAsync(again, probe);
        var waited = await later.CallAsync("wait", $$"""{"ids":["{{probe}}"]}""");

        Assert.Equal([finishedBefore, finishedWhileAway], waited.UnreadIds);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private GatewayHost Start() => GatewayHost.Start(
        _home,
        ("Koubou:Scheduler:Address", workshop.Scheduler.Address),
        ("Koubou:Web:Address", "http://127.0.0.1:9"));

    // What the gateway has heard of the log of changes is not what the scheduler has written: wait for the former.
    private static async Task HeardAsync(GatewayHost gateway, string id)
    {
        var results = gateway.Services.GetRequiredService<UnreadResults>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await results.HeardAsync(id, patience.Token);
    }
}
