using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Gateway.Tests.Keys;

public sealed class KeyFileTests : IDisposable
{
    private readonly KoubouHome _home = new(Directory.CreateTempSubdirectory("koubou-keyfile-").FullName);

    [Fact]
    public async Task Key_IsKeptAsAHash_ForTheOwnerAlone()
    {
        var file = Open();

        var (key, text) = await file.AddAsync("ci", new KeyRights());

        var kept = await File.ReadAllTextAsync(file.Path);
        Assert.StartsWith($"kb_{key.Id}_", text);
        Assert.True(KeyText.TryParse(text, out _, out var secret));
        Assert.Equal(43, secret.Length);
        Assert.DoesNotContain(secret, kept);
        Assert.Contains(Convert.ToHexStringLower(KeyText.Hash(secret)), kept);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));
        }
    }

    [Fact]
    public async Task Rights_AreReadAsTheyWereWritten()
    {
        var rights = new KeyRights
        {
            Scopes = KeyScopes.Admin | KeyScopes.AllowAny,
            RequestsPerMinute = 1,
            ConcurrencyMax = 2,
            LiveTasksMax = 3,
            PriorityMax = 4,
            ExpiresAt = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero),
        };

        await Open().AddAsync("ci", rights);

        Assert.Equal(rights, Assert.Single(Open().Read()!).Rights);
    }

    [Fact]
    public async Task ManyWriters_AtOnce_LoseNoKey()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Open().AddAsync($"key-{i}", new KeyRights()))));

        Assert.Equal(20, Open().Read()!.Count);
    }

    [Fact]
    public async Task Name_GivenTwice_IsRefused()
    {
        await Open().AddAsync("ci", new KeyRights());

        var error = await Assert.ThrowsAsync<SettingException>(() => Open().AddAsync("CI", new KeyRights()));

        Assert.Contains("belongs to another key", error.Message);
    }

    [Fact]
    public async Task Revoke_ByIdOrName_LeavesTheFileBehind()
    {
        var file = Open();
        var (one, _) = await file.AddAsync("one", new KeyRights());
        await file.AddAsync("two", new KeyRights());

        Assert.Equal(one.Id, (await file.RevokeAsync(one.Id))!.Id);
        Assert.Equal("two", (await file.RevokeAsync("TWO"))!.Name);
        Assert.Null(await file.RevokeAsync("two"));
        Assert.Empty(file.Read()!);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"keys":[{"id":"a"}]}""")]
    [InlineData("""{"keys":[{"id":"a","name":"b","hash":"00","created_at":"2026-01-01T00:00:00Z","rights":{"scopes":["all"]}}]}""")]
    public async Task File_Broken_SaysWhichFileAndWhatMendsIt(string content)
    {
        var file = Open();
        Directory.CreateDirectory(_home.Config);
        await File.WriteAllTextAsync(file.Path, content);

        var error = Assert.Throws<UnusableException>(() => file.Read());

        Assert.Contains(file.Path, error.Message);
        await Assert.ThrowsAsync<UnusableException>(() => file.AddAsync("ci", new KeyRights()));
        Assert.Equal(content, await File.ReadAllTextAsync(file.Path));
    }

    public void Dispose() => Directory.Delete(_home.Root, recursive: true);

    private KeyFile Open() => new(_home, TimeProvider.System);
}
