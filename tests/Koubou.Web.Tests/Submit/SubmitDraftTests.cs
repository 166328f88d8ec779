using System.Text.Json;
using CsCheck;
using Koubou.Contracts;
using Koubou.Web.Pages.Submit;

namespace Koubou.Web.Tests.Submit;

public sealed class SubmitDraftTests
{
    [Fact]
    public void Curl_WithQuotesInThePrompt_StaysOneArgumentOfTheShell()
    {
        var draft = new SubmitDraft { Prompt = "Say 'hello' to \"them\"" };

        var curl = EqualCalls.Curl(draft, "http://forge.lan:8765");

        Assert.StartsWith("curl -X POST http://forge.lan:8765/task/delegate", curl, StringComparison.Ordinal);
        Assert.Contains(@"Say '\''hello'\'' to \""them\""", curl, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_OfAnyPrompt_SaysItExactly() => Gen.String.Sample(prompt =>
    {
        using var body = JsonDocument.Parse(new SubmitDraft { Prompt = prompt }.ToJson());

        // What is half of a pair of surrogates is no character, and travels by no door.
        var whole = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(prompt));
        Assert.Equal(whole, body.RootElement.GetProperty("prompt").GetString());
    });

    [Fact]
    public void Json_OfUntouchedFields_IsLeftToTheDefaults()
    {
        using var body = JsonDocument.Parse(new SubmitDraft { Prompt = "x" }.ToJson());

        Assert.Equal(["type", "prompt", "priority"], body.RootElement.EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public void Draft_OfATask_BecomesTheSameTask()
    {
        var spec = new TaskSpec
        {
            Type = "code",
            Prompt = "x",
            SystemPrompt = "y",
            Priority = 9,
            Labels = { ["project"] = "apollo", ["night"] = "" },
            BatchId = "b",
            Model = "gemma2:2b",
            AttemptsMax = 2,
            DataPolicy = DataPolicy.Private,
            OutputSchema = "{}",
            Client = SubmitDraft.ClientName,
        };

        Assert.Equal(spec, SubmitDraft.From(spec).ToSpec());
    }
}
