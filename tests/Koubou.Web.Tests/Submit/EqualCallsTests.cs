using System.Text.Json;
using CsCheck;
using Koubou.Contracts;
using Koubou.Web.Pages.Submit;

namespace Koubou.Web.Tests.Submit;

public sealed class EqualCallsTests
{
    [Fact]
    public void GraphQl_WritesObjectsWithoutQuotesAroundTheirKeys()
    {
        var draft = new SubmitDraft { Prompt = "Say \"hi\"", Labels = "project=apollo", DependsOn = "a, b", AttemptsMax = 2 };

        var call = EqualCalls.GraphQl(draft, "http://forge.lan:8765");

        Assert.Contains(@"prompt: ""Say \""hi\""""", call, StringComparison.Ordinal);
        Assert.Contains("labels: {project: \"apollo\"}", call, StringComparison.Ordinal);
        Assert.Contains("dependsOn: [\"a\", \"b\"]", call, StringComparison.Ordinal);
        Assert.Contains("attemptsMax: 2", call, StringComparison.Ordinal);
    }

    [Fact]
    public void GraphQl_WithKeysThatItCannotWrite_UsesVariables()
    {
        var call = EqualCalls.GraphQl(new SubmitDraft { Prompt = "x", Labels = "my-project=apollo" }, "http://forge.lan:8765");

        Assert.StartsWith("curl -X POST http://forge.lan:8765/graphql", call, StringComparison.Ordinal);
        Assert.Contains("\"my-project\": \"apollo\"", call, StringComparison.Ordinal);
    }

    [Fact]
    public void Mcp_OfAnyPrompt_IsWholeJson_WithoutWhatAModelMayNotSet() => Gen.String.Sample(prompt =>
    {
        var draft = new SubmitDraft { Prompt = prompt, DataPolicy = DataPolicy.Any, DependsOn = "a" };

        using var call = JsonDocument.Parse(EqualCalls.Mcp(draft));

        var arguments = call.RootElement.GetProperty("params").GetProperty("arguments");
        Assert.Equal(["type", "prompt", "priority"], arguments.EnumerateObject().Select(field => field.Name));
        Assert.Equal(["data_policy", "depends_on"], EqualCalls.Withheld(draft));
    });
}
