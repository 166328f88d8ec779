using System.Diagnostics;
using CsCheck;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.GraphQL;

/// <summary>What one document may cost.</summary>
public sealed class LimitTests(WorkshopFixture workshop)
{
    [Theory]
    [InlineData("{ tasks(first: 1000) { nodes { id state prompt output attempts { node error { message } } } } }")]
    [InlineData("{ __schema { types { fields { args { type { ofType { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } } } }")]
    public async Task Document_OfUsualSize_Runs(string query) => await workshop.Http.QueryAsync(query);

    [Fact]
    public async Task Document_ThatDoublesAtEachFragment_IsRefusedAtOnce()
    {
        var bomb = "{ ...F0 }"
            + string.Concat(Enumerable.Range(0, 60).Select(i => $" fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}"))
            + " fragment F60 on Query { __typename }";
        var started = Stopwatch.StartNew();

        var refusal = await workshop.Http.RefusalAsync(bomb);

        Assert.True(refusal.GetProperty("errors").TryGetProperty("query", out _));
        Assert.True(started.Elapsed < TimeSpan.FromSeconds(2), $"{started.Elapsed}");
    }

    [Fact]
    public async Task Document_WithTenThousandEqualFields_IsRefused()
    {
        var refusal = await workshop.Http.RefusalAsync("{" + string.Concat(Enumerable.Repeat(" __typename", 10_000)) + "}");

        Assert.Equal("invalid_request", refusal.Text("code"));
    }

    [Fact]
    public async Task Document_TooDeepOrTooDear_IsRefused()
    {
        var deep = "{ __schema { types " + string.Concat(Enumerable.Repeat("{ fields { type ", 12)) + "{ name }" + string.Concat(Enumerable.Repeat("} }", 12)) + " } }";
        var dear = "{" + string.Concat(Enumerable.Range(0, 400).Select(i => $" a{i}: tasks(first: 1000) {{ nodes {{ id }} }}")) + "}";

        foreach (var query in (string[])[deep, dear, new string('{', 5_000)])
        {
            var answer = await workshop.Http.AskAsync(query);

            Assert.False(answer.TryGetProperty("data", out _));
            Assert.True(answer.TryGetProperty("errors", out _));
        }
    }

    [Fact]
    public async Task Fragments_InACircle_AreNamedByValidation()
    {
        var answer = await workshop.Http.AskAsync("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }");

        Assert.True(answer.TryGetProperty("errors", out _));
    }

    [Fact]
    public async Task Documents_Mutated_NeverBreakTheGateway()
    {
        const string Seed = """query Q($id: ID!, $n: Int = 3) { task(id: $id) { id ...F @include(if: true) } tasks(first: $n, filter: {states: [QUEUED], labels: {a: "b\u3053"}}) { nodes { id } } } fragment F on Task { status }""";
        await Gen.Select(Gen.String[0, 12], Gen.Int[0, 220], Gen.Int[0, 60]).SampleAsync(
            async sample =>
            {
                var (noise, at, cut) = sample;
                var start = Math.Min(at, Seed.Length);
                var query = Seed[..start] + noise + Seed[Math.Min(Seed.Length, start + cut)..];

                var answer = await workshop.Http.PostAsync(
                    "/graphql", System.Text.Json.JsonSerializer.Serialize(new { query, variables = new { id = noise, n = cut } }));

                return (int)answer.Status is 200 or 400;
            },
            iter: 300,
            threads: 2);

        Assert.Empty(workshop.Gateway.Errors);
    }
}
