using Koubou.Gateway.Tests.Workshop;
using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.Keys;

/// <summary>A gateway with a home of its own, whose keys no other test sees.</summary>
internal sealed class KeyedGateway : IAsyncDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("koubou-keys-").FullName;

    public KeyedGateway(WorkshopFixture workshop, params (string Key, string Value)[] settings)
    {
        File = new KeyFile(new KoubouHome(_home), TimeProvider.System);
        Gateway = workshop.StartGateway([("KOUBOU_HOME", _home), .. settings]);
    }

    public KeyFile File { get; }

    public string Home => _home;

    public GatewayHost Gateway { get; }

    public HttpClient Http => Gateway.Http;

    /// <summary>A key with these rights, as the header that carries it.</summary>
    public async Task<(string Name, string Value)> NewKeyAsync(KeyRights rights, string? name = null) =>
        ("Authorization", "Bearer " + (await File.AddAsync(name ?? $"key-{Guid.CreateVersion7()}", rights)).Text);

    public Task<(string Name, string Value)> NewKeyAsync(KeyScopes scopes) => NewKeyAsync(new KeyRights { Scopes = scopes });

    public async ValueTask DisposeAsync()
    {
        Assert.True(Gateway.Errors.Count == 0, string.Join(Environment.NewLine, Gateway.Errors));
        await Gateway.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }
}
