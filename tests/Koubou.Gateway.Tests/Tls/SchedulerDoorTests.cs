using Grpc.Core;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Gateway.Tests.Tls;

/// <summary>Who may speak to a scheduler: join keys, TLS and mutual TLS, with real certificates over real sockets.</summary>
public sealed class SchedulerDoorTests : IDisposable
{
    private const string Key = "a-join-key-of-the-tests";

    private readonly TestAuthority _ours = new("ours");
    private readonly TestAuthority _theirs = new("theirs");

    [Fact]
    public async Task JoinKey_IsAskedOfServicesAndNodesAlike()
    {
        await using var scheduler = await GuardedScheduler.StartAsync($"--Koubou:Scheduler:JoinKey={Key}");

        var without = await Assert.ThrowsAsync<RpcException>(() => scheduler.AskAsync("http"));
        var wrong = await Assert.ThrowsAsync<RpcException>(() => scheduler.AskAsync("http", "--Koubou:Scheduler:JoinKey=another-key-of-the-tests"));
        var status = await scheduler.AskAsync("http", $"--Koubou:Scheduler:JoinKey={Key}");
        var stranger = await Assert.ThrowsAsync<RpcException>(() => scheduler.JoinAsync("http", "wrong"));
        var welcome = await scheduler.JoinAsync("http", Key);

        Assert.Equal(StatusCode.Unauthenticated, without.StatusCode);
        Assert.Contains("Koubou:Scheduler:JoinKey", without.Status.Detail);
        Assert.Equal(StatusCode.Unauthenticated, wrong.StatusCode);
        Assert.Equal("sqlite", status.Engine);
        Assert.Equal(StatusCode.Unauthenticated, stranger.StatusCode);
        Assert.NotNull(welcome.Welcome);
    }

    [Theory]
    [InlineData("--Koubou:Scheduler:Bind=0.0.0.0", "JoinKey is empty")]
    [InlineData("--Koubou:Scheduler:JoinKey=short", "at least 16")]
    [InlineData("--Koubou:Scheduler:Tls:Certificate=/nowhere/c.pem", "belong together")]
    [InlineData("--Koubou:Scheduler:Tls:ClientCa=/nowhere/ca.pem", "/nowhere/ca.pem, which cannot be used")]
    public async Task BadSettings_KeepItFromStarting(string setting, string expected)
    {
        var error = await Assert.ThrowsAsync<SettingException>(() => GuardedScheduler.StartAsync(setting));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public async Task Tls_IsTrustedByWhomTheSettingsName()
    {
        await using var scheduler = await StartAsync();

        var status = await scheduler.AskAsync("https", $"--Koubou:Scheduler:Ca={_ours.Path}");
        var welcome = await scheduler.JoinAsync("https", "", $"--Koubou:Scheduler:Ca={_ours.Path}");

        Assert.Equal("sqlite", status.Engine);
        Assert.NotNull(welcome.Welcome);
        await Assert.ThrowsAsync<RpcException>(() => scheduler.AskAsync("https", $"--Koubou:Scheduler:Ca={_theirs.Path}"));
        await Assert.ThrowsAsync<RpcException>(() => scheduler.AskAsync("https"));
        await Assert.ThrowsAsync<RpcException>(() => scheduler.AskAsync("http"));
    }

    [Fact]
    public async Task Tls_CertificateOfAnotherHost_IsRefused()
    {
        var (certificate, key) = _ours.Issue("elsewhere", "elsewhere.example");
        await using var scheduler = await GuardedScheduler.StartAsync(
            $"--Koubou:Scheduler:Tls:Certificate={certificate}", $"--Koubou:Scheduler:Tls:Key={key}");

        await Assert.ThrowsAsync<RpcException>(() => scheduler.AskAsync("https", $"--Koubou:Scheduler:Ca={_ours.Path}"));
    }

    [Fact]
    public async Task MutualTls_AsksForACertificateOfItsAuthority()
    {
        await using var scheduler = await StartAsync($"--Koubou:Scheduler:Tls:ClientCa={_ours.Path}");
        var known = _ours.Issue("node");
        var stranger = _theirs.Issue("stranger");
        string[] Show((string Certificate, string Key) pair) =>
        [
            $"--Koubou:Scheduler:Ca={_ours.Path}",
            $"--Koubou:Scheduler:ClientCertificate={pair.Certificate}",
            $"--Koubou:Scheduler:ClientKey={pair.Key}",
        ];

        var status = await scheduler.AskAsync("https", Show(known));
        var welcome = await scheduler.JoinAsync("https", "", Show(known));

        Assert.Equal("sqlite", status.Engine);
        Assert.NotNull(welcome.Welcome);
        await Assert.ThrowsAsync<RpcException>(() => scheduler.AskAsync("https", Show(stranger)));
        await Assert.ThrowsAsync<RpcException>(() => scheduler.AskAsync("https", $"--Koubou:Scheduler:Ca={_ours.Path}"));
    }

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
    }

    private Task<GuardedScheduler> StartAsync(params string[] settings)
    {
        var (certificate, key) = _ours.Issue("scheduler", "127.0.0.1", "localhost");
        return GuardedScheduler.StartAsync(
            [$"--Koubou:Scheduler:Tls:Certificate={certificate}", $"--Koubou:Scheduler:Tls:Key={key}", .. settings]);
    }
}
