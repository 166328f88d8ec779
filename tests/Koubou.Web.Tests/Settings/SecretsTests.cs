using Koubou.ServiceDefaults.Settings;

namespace Koubou.Web.Tests.Settings;

/// <summary>The one rule of what a shown setting keeps to itself.</summary>
public sealed class SecretsTests
{
    private const string Planted = "planted-7f3a";

    [Theory]
    [InlineData("http://user:planted-7f3a@10.0.0.7:11434/v1", "http://•••@10.0.0.7:11434/v1")]
    [InlineData("amqp://user:planted-7f3a/@x@host:5672/v", "amqp://•••@host:5672/v")]
    [InlineData("redis:6379,password=planted-7f3a,ssl=true", "redis:6379,password=•••,ssl=true")]
    [InlineData("https://host/v1?api_key=planted-7f3a&x=1", "https://host/v1?api_key=•••&x=1")]
    [InlineData("""{"apiKey": "planted-7f3a \"and\" planted-7f3a", "n": 1}""", """{"apiKey": •••, "n": 1}""")]
    [InlineData("{ Authorization = \"Bearer planted-7f3a\" }", "{ Authorization = ••• }")]
    [InlineData("X: bearer planted-7f3a", "X: bearer •••")]
    [InlineData("sk-planted-7f3a0123456789", "•••")]
    public void Text_WithASecret_IsCovered(string text, string shown) => Assert.Equal(shown, Secrets.Cover(text));

    [Theory]
    [InlineData("http://localhost:11434")]
    [InlineData("OPENAI_API_KEY, CODEX_API_KEY")]
    [InlineData("gemma2:2b")]
    [InlineData("C:\\work\\koubou.db")]
    [InlineData("general code")]
    public void Text_WithoutASecret_StaysAsItIs(string text) => Assert.Equal(text, Secrets.Cover(text));

    [Fact]
    public void Text_OfAMillionLetters_IsLookedThroughOrHidden()
    {
        var text = new string('x', 1_000_000) + " key=planted-7f3a";

        Assert.DoesNotContain(Planted, Secrets.Cover(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ApiKey", true)]
    [InlineData("JOIN_KEY", true)]
    [InlineData("mcp_servers.files.env", true)]
    [InlineData("PromptTokensPath", false)]
    [InlineData("OutputTokensMax", false)]
    [InlineData("PassEnvironment", false)]
    public void Name_SaysWhetherItIsSecret(string name, bool isSecret) => Assert.Equal(isSecret, Secrets.IsNamed(name));

    [Fact]
    public void Options_WithSecretsEverywhere_ShowNone()
    {
        var options = new Sample
        {
            ApiKey = Planted,
            Endpoint = $"http://me:{Planted}@host/",
            Home = new Uri($"http://me:{Planted}@host/"),
            TokensMax = 512,
            KeyLifetime = TimeSpan.FromMinutes(5),
        };
        options.Arguments.AddRange(["--quiet", "--api-key", Planted, $"--token={Planted}", "last"]);
        options.Config["headers"] = Planted;
        options.Config["model"] = "small";
        options.Agents["aider"] = new Sample { ApiKey = Planted, Endpoint = "http://host/" };

        var shown = EffectiveSettings.Of("Here", options).ToDictionary(each => each.Key, each => each.Value);

        Assert.DoesNotContain(shown.Values, value => value.Contains(Planted, StringComparison.Ordinal));
        Assert.Equal("•••", shown["Here:ApiKey"]);
        Assert.Equal("http://•••@host/", shown["Here:Endpoint"]);
        Assert.Equal("512", shown["Here:TokensMax"]);
        Assert.Equal("00:05:00", shown["Here:KeyLifetime"]);
        Assert.Equal("--quiet, --api-key, •••, --token=•••, last", shown["Here:Arguments"]);
        Assert.Equal("headers=•••, model=small", shown["Here:Config"]);
        Assert.Equal("http://host/", shown["Here:Agents:aider:Endpoint"]);
        Assert.Equal("", shown["Here:Agents:aider:Home"]);
    }

    private sealed class Sample
    {
        public string ApiKey { get; set; } = "";

        public string Endpoint { get; set; } = "";

        public Uri? Home { get; set; }

        public int TokensMax { get; set; }

        public TimeSpan KeyLifetime { get; set; }

        public List<string> Arguments { get; } = [];

        public Dictionary<string, string> Config { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Sample> Agents { get; } = new(StringComparer.Ordinal);
    }
}
