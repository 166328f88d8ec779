using System.Net;
using System.Net.WebSockets;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Keys;
using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.Parity;

/// <summary>What keys and limits forbid, every door forbids with the same meaning.</summary>
public sealed class RefusalTests(WorkshopFixture workshop)
{
    private const KeyScopes All = KeyScopes.Submit | KeyScopes.Read;

    public static TheoryData<string> DoorNames => [.. Doors.Names];

    /// <summary>Those that know keys; behind them the scheduler knows only rights.</summary>
    public static TheoryData<string> KeyedDoorNames => [.. Doors.Names.Where(name => name != Doors.Grpc)];

    [Theory]
    [MemberData(nameof(KeyedDoorNames))]
    public async Task NoKey_OpensNothing(string name)
    {
        await using var keyed = new KeyedGateway(workshop);
        await keyed.NewKeyAsync(All);

        Assert.Equal(Said.KeyRequired, await OpenAndSubmitAsync(name, keyed, []));
        Assert.Equal(Said.KeyRequired, await OpenAndSubmitAsync(name, keyed, [("Authorization", "Bearer kb_none_such")]));
    }

    [Theory]
    [MemberData(nameof(KeyedDoorNames))]
    public async Task KeyThatMayOnlyRead_SubmitsAndCancelsNothing(string name)
    {
        await using var keyed = new KeyedGateway(workshop);
        var id = await workshop.Http.DelegateAsync(workshop.NewType());
        await using var door = await OpenAsync(name, keyed, KeyScopes.Read);

        Assert.Equal(Said.NotAllowed, (await door.SubmitAsync(Minimal())).Refusal);
        Assert.Equal(Said.NotAllowed, (await door.CancelAsync(id)).Refusal);
        Assert.Equal("queued", (await door.ReadAsync(id)).State);
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task TaskOfAnotherKey_IsUnknownToWhoWouldChangeIt(string name)
    {
        await using var keyed = new KeyedGateway(workshop);
        var id = await workshop.Http.DelegateAsync(workshop.NewType());
        await using var door = await OpenAsync(name, keyed, All);

        Assert.Equal(Said.Unknown, (await door.CancelAsync(id)).Refusal);
        Assert.Equal("queued", (await door.ReadAsync(id)).State);
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task PriorityAboveTheKeysCeiling_IsAFault(string name)
    {
        await using var keyed = new KeyedGateway(workshop);
        await using var door = await OpenAsync(name, keyed, new KeyRights { Scopes = All, PriorityMax = 3 });
        var task = Minimal();

        task["priority"] = 4;
        var above = await door.SubmitAsync(task);
        task["priority"] = 3;
        var below = await door.SubmitAsync(task);

        Assert.Equal((Said.Invalid, "priority"), (above.Refusal, above.Fields));
        Assert.Equal("queued", below.State);
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task LiveTasksOfAKey_AtTheirLimit_AreFull(string name)
    {
        await using var keyed = new KeyedGateway(workshop);
        await using var door = await OpenAsync(name, keyed, new KeyRights { Scopes = All, LiveTasksMax = 1 });
        var first = await door.SubmitAsync(Minimal());

        var second = await door.SubmitAsync(Minimal());
        await door.CancelAsync(first.Id!);
        var third = await door.SubmitAsync(Minimal());

        Assert.Equal(Said.Full, second.Refusal);
        Assert.Equal("queued", third.State);
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task Queue_AtItsLimit_IsFull(string name)
    {
        var home = Directory.CreateTempSubdirectory("koubou-full-").FullName;
        await using var scheduler = await SchedulerHost.StartAsync(home, "--Queue:Limits:LiveTasksMax=1");
        await using var gateway = workshop.StartGateway(("Koubou:Scheduler:Address", scheduler.Address));
        await using var door = await Doors.OpenAsync(name, gateway, scheduler.Address);
        var first = await door.SubmitAsync(Minimal());

        var second = await door.SubmitAsync(Minimal());

        Assert.Equal("queued", first.State);
        Assert.Equal(Said.Full, second.Refusal);
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task PolicyLooserThanTheWorkshops_IsAFault(string name)
    {
        var home = Directory.CreateTempSubdirectory("koubou-strict-").FullName;
        await using var scheduler = await SchedulerHost.StartAsync(home, "--Queue:Limits:LoosestDataPolicy=Local");
        await using var gateway = workshop.StartGateway(("Koubou:Scheduler:Address", scheduler.Address));
        await using var door = await Doors.OpenAsync(name, gateway, scheduler.Address);
        var task = Minimal();
        task["data_policy"] = "any";

        var said = await door.SubmitAsync(task);

        Assert.Equal((Said.Invalid, "data_policy"), (said.Refusal, said.Fields));
    }

    private static Dictionary<string, object> Minimal() => new() { ["type"] = "general", ["prompt"] = "Say hello." };

    private Task<IDoor> OpenAsync(string name, KeyedGateway keyed, KeyScopes scopes) =>
        OpenAsync(name, keyed, new KeyRights { Scopes = scopes });

    private async Task<IDoor> OpenAsync(string name, KeyedGateway keyed, KeyRights rights)
    {
        var client = $"client-{Guid.CreateVersion7()}";
        var caller = new Caller { Key = client, PriorityMax = rights.PriorityMax, LiveTasksMax = rights.LiveTasksMax };
        return await Doors.OpenAsync(
            name, keyed.Gateway, workshop.Scheduler.Address, caller, await keyed.NewKeyAsync(rights, client));
    }

    // Some doors refuse at the first word, others do not even open.
    private async Task<string?> OpenAndSubmitAsync(string name, KeyedGateway keyed, (string, string)[] headers)
    {
        try
        {
            await using var door = await Doors.OpenAsync(
                name, keyed.Gateway, workshop.Scheduler.Address, headers: headers);
            return (await door.SubmitAsync(Minimal())).Refusal;
        }
        catch (WebSocketException shut) when (shut.Message.Contains("401", StringComparison.Ordinal))
        {
            return Said.KeyRequired;
        }
        catch (HttpRequestException shut) when (shut.StatusCode == HttpStatusCode.Unauthorized)
        {
            return Said.KeyRequired;
        }
    }
}
