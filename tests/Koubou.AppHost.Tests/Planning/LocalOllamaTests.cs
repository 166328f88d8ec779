using System.Net;
using System.Net.Sockets;
using Koubou.AppHost.Planning;

namespace Koubou.AppHost.Tests.Planning;

public sealed class LocalOllamaTests
{
    [Theory]
    [InlineData(null, "http://localhost:11434/")]
    [InlineData("", "http://localhost:11434/")]
    [InlineData("gpu.lan", "http://gpu.lan:11434/")]
    [InlineData("gpu.lan:8080", "http://gpu.lan:8080/")]
    [InlineData("gpu.lan:80", "http://gpu.lan/")]
    [InlineData("0.0.0.0", "http://localhost:11434/")]
    [InlineData("0.0.0.0:9000", "http://localhost:9000/")]
    [InlineData("[::]:9000", "http://localhost:9000/")]
    [InlineData("[::1]", "http://[::1]:11434/")]
    [InlineData("http://gpu.lan", "http://gpu.lan/")]
    [InlineData("https://gpu.lan", "https://gpu.lan/")]
    [InlineData("http://gpu.lan:11434/", "http://gpu.lan:11434/")]
    public void Address_IsReadAsOllamaReadsIt(string? host, string expected)
    {
        Assert.Equal(expected, LocalOllama.AddressFrom(host).ToString());
    }

    [Theory]
    [InlineData("ftp://gpu.lan")]
    [InlineData("http://")]
    public void Address_NotAllowed_IsNamed(string host)
    {
        var fault = Assert.Throws<SettingException>(() => LocalOllama.AddressFrom(host));

        Assert.Contains($"OLLAMA_HOST is '{host}'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatNeverAnswers_IsNoneInBoundedTime()
    {
        // Listens, and says nothing.
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();

        Assert.False(await LocalOllama.AnswersAsync(new Uri($"http://{mute.LocalEndpoint}")));
    }
}
