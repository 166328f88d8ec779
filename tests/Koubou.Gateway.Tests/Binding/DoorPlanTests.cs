using Koubou.Gateway.Binding;
using Koubou.Gateway.Keys;
using Microsoft.Extensions.Configuration;

namespace Koubou.Gateway.Tests.Binding;

public sealed class DoorPlanTests
{
    [Fact]
    public void Read_NothingSet_OpensThreeDoorsOnLoopback()
    {
        var plan = Read();

        Assert.Equal(["http://localhost:8765", "http://localhost:8766", "http://localhost:8767"], Urls(plan));
        Assert.True(plan.IsLoopback);
    }

    [Fact]
    public void Read_Urls_AreTheMainDoorAndTheOthersStandBeside()
    {
        var plan = Read(("urls", "http://127.0.0.1:9000;http://[::1]:9000"), ("KOUBOU_WS_PORT", "9001"));

        Assert.Equal(
            ["http://127.0.0.1:9000", "http://[::1]:9000", "http://127.0.0.1:9001", "http://127.0.0.1:8767"], Urls(plan));
        Assert.True(plan.IsLoopback);
    }

    [Fact]
    public void Read_HttpPorts_OpenToAll()
    {
        var plan = Read(("http_ports", "8080"));

        Assert.Equal("http://*:8080", Urls(plan)[0]);
        Assert.False(plan.IsLoopback);
    }

    [Fact]
    public void Read_Bind_MovesEveryDoor()
    {
        var plan = Read(("urls", "http://localhost:8765"), (DoorPlan.BindKey, "0.0.0.0"));

        Assert.Equal(["http://0.0.0.0:8765", "http://0.0.0.0:8766", "http://0.0.0.0:8767"], Urls(plan));
    }

    [Theory]
    [InlineData("urls", "localhost", "ASPNETCORE_URLS contains 'localhost'")]
    [InlineData("urls", "ftp://localhost:1", "ASPNETCORE_URLS contains 'ftp://localhost:1'")]
    [InlineData("http_ports", "x", "HTTP_PORTS is 'x'")]
    [InlineData("KOUBOU_WS_PORT", "70000", "KOUBOU_WS_PORT is '70000'")]
    [InlineData("KOUBOU_GRAPHQL_PORT", "-1", "KOUBOU_GRAPHQL_PORT is '-1'")]
    [InlineData("KOUBOU_WS_PORT", "8765", "Port 8765 is asked for by more than one")]
    [InlineData("Koubou:Gateway:Bind", "everywhere", "Koubou:Gateway:Bind is 'everywhere'")]
    public void Read_BadValue_NamesKeyAndValue(string key, string value, string expected)
    {
        var error = Assert.ThrowsAny<InvalidOperationException>(() => Read((key, value)));

        Assert.StartsWith(expected, error.Message);
    }

    [Theory]
    [InlineData("urls", "http://*:8765")]
    [InlineData("urls", "http://+:8765")]
    [InlineData("urls", "http://[::]:8765")]
    [InlineData("urls", "http://192.168.1.20:8765")]
    [InlineData("urls", "http://workshop.example:8765")]
    [InlineData("http_ports", "8080")]
    [InlineData("Koubou:Gateway:Bind", "0.0.0.0")]
    public void OpenDoor_WithoutKey_IsRefusedWithWhatToDo(string key, string value)
    {
        var configuration = Configure((key, value));

        var error = Assert.ThrowsAny<InvalidOperationException>(
            () => OpenDoorPolicy.Check(DoorPlan.Read(configuration), ConfiguredKeys.Read(configuration).Count));

        Assert.Contains("Koubou:Gateway:ApiKeys is empty", error.Message);
        Assert.Contains("Koubou__Gateway__ApiKeys__0", error.Message);
        Assert.Contains("Koubou:Gateway:Bind=localhost", error.Message);
    }

    [Fact]
    public void OpenDoor_WithKey_IsAllowed()
    {
        var configuration = Configure(("urls", "http://*:8765"), ("Koubou:Gateway:ApiKeys:0", "0123456789abcdef"));

        OpenDoorPolicy.Check(DoorPlan.Read(configuration), ConfiguredKeys.Read(configuration).Count);
    }

    private static DoorPlan Read(params (string Key, string Value)[] settings) => DoorPlan.Read(Configure(settings));

    private static IConfiguration Configure(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value))
        .Build();

    private static string[] Urls(DoorPlan plan) => [.. plan.Addresses.Select(address => address.ToString())];
}
