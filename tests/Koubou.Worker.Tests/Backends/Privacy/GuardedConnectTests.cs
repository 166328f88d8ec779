using System.Net;
using Koubou.Contracts;
using Koubou.OllamaStandIn;
using Koubou.Worker.Backends;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Craftsmen;
using Koubou.Worker.Tests.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace Koubou.Worker.Tests.Backends.Privacy;

public sealed class GuardedConnectTests
{
    [Fact]
    public async Task Name_ThatLeadsElsewhereTheSecondTime_IsRefused()
    {
        await using var ollama = await StandInServer.StartAsync();
        using var client = NewClient(ollama.Address.Port, Zone.Local, new ScriptedResolver("127.0.0.1", "203.0.113.7"));
        CallScope.ForTask("t1", DataPolicy.Local, TestContext.Current.CancellationToken);

        var first = await AskAsync(client);
        var second = await Assert.ThrowsAsync<TaskFailureException>(() => AskAsync(client));

        Assert.Equal(HttpStatusCode.OK, first);
        Assert.Equal("policy_refused", second.Code);
    }

    [Fact]
    public async Task Name_WithAddressesInsideAndOutside_IsOnlyConnectedInside()
    {
        await using var ollama = await StandInServer.StartAsync();
        using var client = NewClient(ollama.Address.Port, Zone.Local, new ScriptedResolver("203.0.113.7 127.0.0.1"));
        CallScope.ForTask("t1", DataPolicy.Local, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(client));
    }

    [Fact]
    public async Task Request_WithoutAWordForWhomItIs_GetsTheStrictestPolicy()
    {
        using var client = NewClient(FreePort.Next(), Zone.Private, new ScriptedResolver("10.0.0.5"));

        var refused = await Assert.ThrowsAsync<TaskFailureException>(() => AskAsync(client));

        Assert.Equal("policy_refused", refused.Code);
    }

    [Fact]
    public async Task Request_ToAnotherAddressThanTheBackends_IsRefused()
    {
        await using var other = await StandInServer.StartAsync();
        using var client = NewClient(FreePort.Next(), Zone.Local, new ScriptedResolver("127.0.0.1"));
        CallScope.ForTask("t1", DataPolicy.Any, TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<TaskFailureException>(
            () => client.GetAsync(new Uri(other.Address, "api/version"), TestContext.Current.CancellationToken));

        Assert.Equal("policy_refused", refused.Code);
    }

    [Theory]
    [InlineData("127.0.0.1", Zone.Local)]
    [InlineData("::1", Zone.Local)]
    [InlineData("::ffff:127.0.0.1", Zone.Local)]
    [InlineData("0.0.0.0", Zone.Cloud)]
    [InlineData("::", Zone.Cloud)]
    [InlineData("10.200.0.1", Zone.Private)]
    [InlineData("::ffff:10.200.0.1", Zone.Private)]
    [InlineData("11.0.0.1", Zone.Cloud)]
    [InlineData("169.254.169.254", Zone.Cloud)]
    [InlineData("fe80::1", Zone.Cloud)]
    [InlineData("fd12::1", Zone.Private)]
    public void Zone_OfAnAddress(string address, Zone expected) =>
        Assert.Equal(expected, Zones(PrivateNetworks.Default).ZoneOf(IPAddress.Parse(address)));

    [Fact]
    public void Zone_OfANetworkThatIsNotConfigured_IsTheCloud() =>
        Assert.Equal(Zone.Cloud, Zones("192.168.7.0/24").ZoneOf(IPAddress.Parse("10.0.0.1")));

    private static ZoneMap Zones(string networks) =>
        new(PrivateNetworks.TryParse(networks, out var parsed) ? parsed : throw new FormatException(networks));

    private static HttpClient NewClient(int port, Zone zone, IHostResolver resolver)
    {
        var endpoint = new Uri($"http://model-box:{port}/");
        var options = new BackendOptions();
        var faults = new BackendFaults(new BackendWords("box", "The server", endpoint), TimeProvider.System);
        var audit = new PolicyAudit(NullLogger<PolicyAudit>.Instance);
        return new BackendHttp(Zones(PrivateNetworks.Default), resolver, audit)
            .NewClient("box", endpoint, zone, options, faults);
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/version");
        request.Headers.ConnectionClose = true;
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
