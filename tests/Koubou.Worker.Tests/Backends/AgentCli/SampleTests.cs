using System.Text.Json.Nodes;
using Koubou.Worker.Backends.AgentCli;
using Koubou.Worker.Tests.Harness;
using Microsoft.Extensions.Configuration;

namespace Koubou.Worker.Tests.Backends.AgentCli;

public sealed class SampleTests
{
    private static readonly string Samples = Path.Combine(Folder("samples"), "Agents");

    [Fact]
    public void Settings_OfTheSample_AreAccepted()
    {
        var configuration = new ConfigurationBuilder().AddJsonFile(Path.Combine(Samples, "koubou.json")).Build();
        var options = configuration.GetSection(AgentOptions.Section).Get<AgentOptions>()!;

        Assert.Equal(["claude", "word-count"], options.Clis.Keys.Order());
        Assert.False(new AgentOptionsValidator().Validate(null, options).Failed);
        Assert.Equal(Contracts.Zone.Cloud, options.Clis["claude"].Zone);
    }

    [Theory]
    [InlineData("agents.md")]
    [InlineData("agents.ja.md")]
    public void Guide_ShowsTheSamplesSettings(string page)
    {
        var guide = File.ReadAllText(Path.Combine(Folder("docs"), "guides", page));
        var sample = JsonNode.Parse(File.ReadAllText(Path.Combine(Samples, "koubou.json")))!;
        foreach (var (name, settings) in sample["Koubou"]!["Worker"]!["Agents"]!["Clis"]!.AsObject())
        {
            var begin = guide.IndexOf($"\"{name}\": {{", StringComparison.Ordinal);
            var text = guide[begin..guide.IndexOf("```", begin, StringComparison.Ordinal)];
            Assert.True(JsonNode.DeepEquals(settings, JsonNode.Parse("{" + text + "}")![name]), name);
        }
    }

    [Fact]
    public async Task Script_OfTheSample_CountsWords()
    {
        await using var bench = await AgentBench.StartAsync("true", values =>
        {
            values["Command"] = Path.Combine(Samples, "word-count.sh");
            values["Network"] = "false";
            values["Writes"] = "false";
        });

        Assert.Equal("The prompt has 4 words.", (await bench.CompletedAsync(AgentBench.Task("one two three four"))).Output);
    }

    private static string Folder(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Koubou.Aspire.sln")))
            {
                return Path.Combine(folder.FullName, name);
            }
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
