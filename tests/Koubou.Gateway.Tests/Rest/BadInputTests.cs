using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Rest;

public sealed class BadInputTests(WorkshopFixture workshop)
{
    [Theory]
    [InlineData("{")]
    [InlineData("{\"prompt\":\"a\"} x")]
    [InlineData("prompt=hello")]
    [InlineData("{\"prompt\":\"a\",}")]
    [InlineData("{\"prompt\":\"\u0001\"}")]
    [InlineData("\0")]
    public async Task Body_NotJson_IsRefusedWithThePlace(string body)
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("application/problem+json", answer.Raw.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("is not JSON: the fault is in line 1", answer.Fault("body"));
    }

    [Theory]
    [InlineData("")]
    public async Task Body_Empty_IsRefused(string body)
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("is empty", answer.Fault("body"));
    }

    [Theory]
    [InlineData("[]", "a list")]
    [InlineData("\"x\"", "\"x\"")]
    [InlineData("7", "7")]
    [InlineData("null", "null")]
    public async Task Body_NoObject_IsRefused(string body, string shown)
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.EndsWith($"was {shown}", answer.Fault("body"));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=shift_jis")]
    [InlineData(null)]
    public async Task Body_OtherContentType_Is415WithTheHeaderToSend(string? contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"prompt":"a"}"""));
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);

        var answer = await (await workshop.Http.PostAsync("/task/delegate", content)).ReadAsync();

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Status);
        Assert.Contains("-H 'Content-Type: application/json'", answer["hint"].GetString());
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("application/vnd.koubou+json")]
    public async Task Body_AnyJsonContentType_IsTaken(string contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("\uFEFF{\"prompt\":\"a\"}"));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

        var answer = await (await workshop.Http.PostAsync("/task/delegate", content)).ReadAsync();

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"prompt":""}""")]
    [InlineData("""{"prompt":"  "}""")]
    [InlineData("""{"prompt":null}""")]
    public async Task Prompt_MissingOrEmpty_IsAFault(string body)
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("missing or empty", answer.Fault("prompt"));
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("11", "11")]
    [InlineData("-1", "-1")]
    [InlineData("\"high\"", "\"high\"")]
    [InlineData("7.5", "7.5")]
    [InlineData("1e99", "1e99")]
    [InlineData("99999999999", "99999999999")]
    [InlineData("true", "true")]
    [InlineData("[5]", "a list")]
    [InlineData("{\"a\":1}", "an object")]
    public async Task Priority_OutOfRangeOrNoNumber_SaysWhatIsAllowedAndWhatItWas(string priority, string shown)
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", $$"""{"prompt":"a","priority":{{priority}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.StartsWith("must be a whole number from 1 to 10", answer.Fault("priority"));
        Assert.EndsWith($"was {shown}", answer.Fault("priority"));
    }

    [Theory]
    [InlineData("10")]
    [InlineData("8.0")]
    [InlineData("null")]
    public async Task Priority_WholeInAnySpelling_IsTaken(string priority)
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", $$"""{"prompt":"a","priority":{{priority}}}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task ManyFaults_OfShapeAndOfValue_AreNamedAllAtOnce()
    {
        var answer = await workshop.Http.PostAsync("/api/v1/tasks", """
            {
              "type": "poetry", "prompt": "", "priority": "high", "sytem_prompt": "x", "attempts_max": 0,
              "timeout_seconds": 0.001, "labels": {"a": 1}, "depends_on": "x", "not_before": "tomorrow",
              "deadline": "2020-01-01T00:00:00Z", "data_policy": "cloud", "output_schema": [],
              "run_if_dependency_failed": 1, "model": 3
            }
            """);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(
            [
                "attempts_max", "data_policy", "deadline", "depends_on", "labels", "model", "not_before",
                "output_schema", "priority", "prompt", "run_if_dependency_failed", "sytem_prompt", "timeout_seconds",
                "type",
            ],
            answer.FaultFields);
        Assert.Contains("did you mean \"system_prompt\"?", answer.Fault("sytem_prompt"));
        Assert.Contains("14 faults", answer["detail"].GetString());
        Assert.Contains("Registered task types", answer["hint"].GetString());
    }

    [Fact]
    public async Task WrongShape_OfAFieldThatTheSchedulerMissesToo_IsNamedOnce()
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", """{"prompt": 7}""");

        Assert.Equal("must be a text; was 7", answer.Fault("prompt"));
        Assert.Equal(["prompt"], answer.FaultFields);
    }

    [Theory]
    [InlineData("""{"prompt":"\ud800"}""", "prompt")]
    [InlineData("""{"prompt":"a","prompt":"b"}""", "prompt")]
    [InlineData("""{"prompt":"a","type":"\udc00"}""", "type")]
    [InlineData("""{"prompt":"a","not_before":"2030-01-01T10:00:00"}""", "not_before")]
    [InlineData("""{"prompt":"a","timeout_seconds":1e300}""", "timeout_seconds")]
    [InlineData("""{"prompt":"a","depends_on":[1]}""", "depends_on")]
    public async Task OddValues_AreFaultsOfTheirField(string body, string field)
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(field, answer.FaultFields);
    }

    [Fact]
    public async Task Prompt_OfTheLimitInJsonEscapes_IsTaken()
    {
        var prompt = string.Concat(Enumerable.Repeat("\\u0061", 1024 * 1024));

        var answer = await workshop.Http.PostAsync("/task/delegate", $$"""{"prompt":"{{prompt}}"}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Theory]
    [InlineData("/task/delegate")]
    [InlineData("/api/v1/tasks")]
    public async Task Prompt_OverTheLimit_Is413(string path)
    {
        var prompt = new string('a', (1024 * 1024) + 1);

        var answer = await workshop.Http.PostAsync(path, $$"""{"prompt":"{{prompt}}"}""");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Contains("1,048,576", answer.Fault("prompt"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_OverTheLimit_Is413WithAndWithoutALength(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/task/delegate")
        {
            Content = new StringContent(new string(' ', (16 * 1024 * 1024) + 1), Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;

        var answer = await (await workshop.Http.SendAsync(request)).ReadAsync();

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Contains("16,777,216", answer.Fault("body"));
    }

    [Theory]
    [InlineData("GET", "/task/delegate", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound)]
    [InlineData("PUT", "/api/v1/tasks", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/graphiql", HttpStatusCode.NotFound)]
    public async Task Path_NotServed_IsAProblemThatSaysWhereToGo(string method, string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        var answer = await (await workshop.Http.SendAsync(request)).ReadAsync();

        Assert.Equal(expected, answer.Status);
        Assert.Equal("application/problem+json", answer.Raw.Content.Headers.ContentType!.MediaType);
        Assert.Contains("/docs", answer["hint"].GetString());
    }

    [Fact]
    public async Task ClientName_TooLong_IsAFaultAndNoError()
    {
        var answer = await workshop.Http.PostAsync(
            "/task/delegate", """{"prompt":"a"}""", ("X-Koubou-Client", new string('x', 500)));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["client"], answer.FaultFields);
    }

    [Fact]
    public async Task Faults_ByTheThousands_AreCountedButNotAllShown()
    {
        var fields = string.Join(",", Enumerable.Range(0, 5_000).Select(i => $"\"field{i}\":{i}"));

        var answer = await workshop.Http.PostAsync("/task/delegate", $$"""{"prompt":"a",{{fields}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("4900 more faults are not shown", answer.Fault("more"));
    }

    [Fact]
    public async Task Depth_WithoutEnd_IsRefused()
    {
        var answer = await workshop.Http.PostAsync("/task/delegate", string.Concat(Enumerable.Repeat("{\"a\":", 100_000)));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(JsonValueKind.Object, answer["errors"].ValueKind);
    }
}
