using Koubou.Contracts;
using Koubou.Worker.Backends.Ollama;
using Koubou.Worker.Backends.Privacy;
using Koubou.Worker.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Tests.Nodes;

public sealed class SettingsTests
{
    private static ZoneMap Zones => new(PrivateNetworks.TryParse(PrivateNetworks.Default, out var networks) ? networks : []);

    [Fact]
    public void CommandLine_SetsTheNode()
    {
        using var app = Build(
            "--node-id", "worker-01", "--capabilities", "general code", "--max-workers", "2", "--join-key", "k",
            "--scheduler", "http://10.0.0.5:5601");

        var options = app.Services.GetRequiredService<IOptions<WorkerOptions>>().Value;

        Assert.Equal("worker-01", options.NodeId);
        Assert.Equal(["general", "code"], options.CapabilityList);
        Assert.Equal(2, options.SlotsMax);
        Assert.Equal("k", options.JoinKey);
        Assert.Equal("http://10.0.0.5:5601", app.Configuration["Koubou:Scheduler:Address"]);
    }

    [Theory]
    [InlineData("SlotsMax", "0")]
    [InlineData("SlotsMax", "65")]
    [InlineData("SlotsMin", "9")]
    [InlineData("DrainGrace", "-00:00:01")]
    [InlineData("AttemptTimeout", "00:00:00")]
    [InlineData("ReconnectDelayMax", "00:00:00.0010000")]
    [InlineData("Ollama:ProbeInterval", "00:00:00")]
    [InlineData("Ollama:Endpoint", "ftp://x")]
    [InlineData("Demo:PieceDelay", "1.00:00:00")]
    [InlineData("PrivateNetworks", "10.0.0.0/99")]
    [InlineData("Ollama:ParallelMin", "9")]
    [InlineData("Ollama:CircuitFailures", "0")]
    public async Task Setting_NotAllowed_KeepsTheProgramFromStartingAndIsNamed(string key, string value)
    {
        await using var app = Build($"--Koubou:Worker:{key}={value}");

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains($"Koubou:Worker:{key} is '{value}'. Allowed: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lmstudio", "gpt-oss:20b", "LocalProvider")]
    [InlineData("", "gpt-oss:20b", "LocalProvider")]
    [InlineData("ollama", "", "Model")]
    public async Task ClosedCodex_NeedsALocalModel(string provider, string model, string named)
    {
        await using var app = Build(
            "--Koubou:Worker:Codex:Closed=true", $"--Koubou:Worker:Codex:LocalProvider={provider}", $"--Koubou:Worker:Codex:Model={model}");

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains($"Koubou:Worker:Codex:{named} is ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NodeId_NotAllowed_IsNamed()
    {
        var fault = Assert.Throws<OptionsValidationException>(() => Build("--node-id", "a/b"));

        Assert.Contains("Koubou:Worker:NodeId is 'a/b'. Allowed: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://gpu-box:11500", "http://gpu-box:11500/")]
    [InlineData("127.0.0.1:11500", "http://127.0.0.1:11500/")]
    [InlineData("gpu-box", "http://gpu-box:11434/")]
    [InlineData(":11500", "http://localhost:11500/")]
    [InlineData("0.0.0.0", "http://127.0.0.1:11434/")]
    [InlineData("http://0.0.0.0:11434", "http://127.0.0.1:11434/")]
    [InlineData("https://ollama.example.com", "https://ollama.example.com/")]
    [InlineData("http://host:1/prefix", "http://host:1/prefix/")]
    public void OllamaAddress_IsReadAsOllamaReadsIt(string text, string expected) =>
        Assert.Equal(expected, OllamaAddress.Parse(text).ToString());

    [Theory]
    [InlineData("http://localhost:11434", Zone.Local)]
    [InlineData("http://127.0.0.9:11434", Zone.Local)]
    [InlineData("http://[::1]:11434", Zone.Local)]
    [InlineData("http://10.1.2.3:11434", Zone.Private)]
    [InlineData("http://172.31.0.1:11434", Zone.Private)]
    [InlineData("http://172.32.0.1:11434", Zone.Cloud)]
    [InlineData("http://192.168.0.7:11434", Zone.Private)]
    [InlineData("http://[fd00::1]:11434", Zone.Private)]
    [InlineData("http://[::ffff:8.8.8.8]:11434", Zone.Cloud)]
    [InlineData("http://ollama:11434", Zone.Private)]
    [InlineData("http://169.254.169.254", Zone.Cloud)]
    [InlineData("http://0.0.0.0:11434", Zone.Cloud)]
    [InlineData("http://8.8.8.8:11434", Zone.Cloud)]
    [InlineData("https://ollama.com", Zone.Cloud)]
    public void Zone_WhatIsNotSurelyNear_CountsAsFar(string address, Zone expected) =>
        Assert.Equal(expected, Zones.ZoneOf(new Uri(address)));

    [Theory]
    [InlineData("Endpoint=http://box:11434;Model=gemma2:2b", "http://box:11434", "gemma2:2b")]
    [InlineData("http://box:11434", "http://box:11434", null)]
    public void OllamaConnectionString_IsRead(string text, string endpoint, string? model) =>
        Assert.Equal((endpoint, model), OllamaAddress.ReadConnectionString(text));

    [Theory]
    [InlineData("x:Kind", "soothsayer", "x:Kind is 'soothsayer'. Allowed: ollama, openai, anthropic")]
    [InlineData("openai:Kind", "ollama", "not the name of another kind")]
    public void Backend_NotAllowed_IsNamed(string key, string value, string fault)
    {
        var thrown = Assert.Throws<OptionsValidationException>(() => Build($"--Koubou:Worker:Backends:{key}={value}"));

        Assert.Contains(fault, thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", "Endpoint", "ftp://x")]
    [InlineData("openai", "Endpoint", "http://user:secret@host/v1")]
    [InlineData("anthropic", "OutputTokensMax", "0")]
    [InlineData("ollama", "ParallelMax", "65")]
    public async Task Backend_SettingNotAllowed_KeepsTheProgramFromStartingAndIsNamed(string kind, string key, string value)
    {
        await using var app = Build($"--Koubou:Worker:Backends:box:Kind={kind}", $"--Koubou:Worker:Backends:box:{key}={value}");

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains($"Koubou:Worker:Backends:box:{key} is ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zone_NearerThanItsAddress_KeepsTheProgramFromStarting()
    {
        await using var app = Build("--Koubou:Worker:Ollama:Endpoint=http://8.8.8.8:11434", "--Koubou:Worker:Ollama:Zone=Local");

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains("Koubou:Worker:Ollama:Zone is 'Local'. Allowed: Cloud", fault.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(params string[] args)
    {
        var home = Path.Combine(Path.GetTempPath(), "koubou-worker-settings");
        var builder = WebApplication.CreateBuilder();
        builder.AddWorkerNode([$"--KOUBOU_HOME={home}", .. args]);
        return builder.Build();
    }
}
