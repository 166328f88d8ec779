using Koubou.AppHost.Planning;
using Microsoft.Extensions.Configuration;

namespace Koubou.AppHost.Tests.Planning;

public sealed class SizeTests
{
    [Theory]
    [InlineData("", "worker-01:4 worker-02:4")]
    [InlineData("--max-workers 2", "worker-01:1 worker-02:1")]
    [InlineData("--max-workers 1", "worker-01:1")]
    [InlineData("--max-workers 7", "worker-01:4 worker-02:3")]
    [InlineData("--Koubou:Workers:MaxWorkers 6 --Koubou:Workers:Nodes 3", "worker-01:2 worker-02:2 worker-03:2")]
    [InlineData("--Koubou:Workers:MaxWorkers 6 --max-workers 2", "worker-01:1 worker-02:1")]
    public void Craftsmen_AreSharedAmongNodes(string args, string expected)
    {
        var nodes = WorkerNode.Read(Settings(args), publishing: false);

        Assert.Equal(expected, string.Join(' ', nodes.Select(node => $"{node.Name}:{node.MaxWorkers}")));
    }

    [Theory]
    [InlineData("--max-workers 0", "max-workers is '0'. Allowed: 1 to 8.")]
    [InlineData("--max-workers many", "max-workers is 'many'. Allowed: 1 to 8.")]
    [InlineData("--Koubou:Workers:MaxWorkers 9", "Koubou:Workers:MaxWorkers is '9'. Allowed: 1 to 8.")]
    [InlineData("--Koubou:Workers:Nodes -1", "Koubou:Workers:Nodes is '-1'. Allowed: 1 to 8.")]
    public void Size_NotAllowed_IsNamedWithWhatIs(string args, string expected)
    {
        var fault = Assert.Throws<SettingException>(() => WorkerNode.Read(Settings(args), publishing: false));

        Assert.Equal(expected, fault.Message);
    }

    [Fact]
    public void Craftsmen_WhenPublished_MayBeMany()
    {
        var nodes = WorkerNode.Read(
            Settings("--Koubou:Workers:Nodes 10 --Koubou:Workers:MaxWorkers 80"), publishing: true);

        Assert.Equal(10, nodes.Count);
        Assert.All(nodes, node => Assert.Equal(8, node.MaxWorkers));
    }

    [Theory]
    [InlineData("", 8765, 8766, 8767)]
    [InlineData("--Koubou:Ports:Http 80 --Koubou:Ports:WebSocket 0 --Koubou:Ports:GraphQL 0", 80, null, null)]
    public void Ports_AreFixedUnlessZero(string args, int? http, int? webSocket, int? graphQL)
    {
        Assert.Equal(new DoorPorts(http, webSocket, graphQL, Scheduler: null), DoorPorts.Read(Settings(args), publishing: false));
    }

    [Fact]
    public void Port_NotAllowed_IsNamedWithWhatIs()
    {
        var fault = Assert.Throws<SettingException>(
            () => DoorPorts.Read(Settings("--Koubou:Ports:Http 70000"), publishing: false));

        Assert.Equal("Koubou:Ports:Http is '70000'. Allowed: 0 to 65535.", fault.Message);
    }

    private static IConfigurationRoot Settings(string args) =>
        new ConfigurationBuilder().AddCommandLine(args.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Build();
}
