using System.Text.Json;
using Koubou.Contracts;
using Koubou.Worker.Tests.Backends.Ollama;
using Koubou.Worker.Tests.Harness;

namespace Koubou.Worker.Tests.Craftsmen.Structured;

public sealed class StructuredOutputTests
{
    private const string Schema = """{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}""";

    [Fact]
    public async Task Model_ThatAnswersWrongly_SeesItsAnswerAndTheFault_AndMendsIt()
    {
        var answers = new Queue<string>(["not json", """{"n":"1"}""", """{"n":1}"""]);
        await using var bench = await Bench.StartAsync(prepare: (ollama, _) => ollama.Answer = _ => [answers.Dequeue()]);
        var spec = Specs.General();
        spec.OutputSchema = Schema;

        var completed = await bench.Session.CompletedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal("""{"n":1}""", completed.StructuredOutput);
        Assert.Equal("""{"n":1}""", completed.Output);
        var chats = bench.Ollama.Requests.Items.Where(request => request.Path == "/api/chat").ToList();
        Assert.Equal(3, chats.Count);
        var messages = JsonElement.Parse(chats[2].Body).GetProperty("messages").EnumerateArray().ToArray();
        Assert.Equal("""{"n":"1"}""", messages[^2].GetProperty("content").GetString());
        Assert.Contains("/n must be of the type \"integer\"", messages[^1].GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_ThatStaysWrong_FailsTheAttempt_AndAnotherMayCome()
    {
        await using var bench = await Bench.StartAsync();
        var spec = Specs.General();
        spec.OutputSchema = Schema;

        var failed = await bench.Session.FailedAsync(await bench.Session.AssignAsync(spec));

        Assert.Equal(("invalid_output", FailureKind.Transient), (failed.Error.Code, failed.Error.Kind));
        Assert.Equal(3, bench.Ollama.Requests.Items.Count(request => request.Path == "/api/chat"));
    }
}
