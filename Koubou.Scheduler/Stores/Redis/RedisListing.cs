using System.Globalization;
using System.Text;
using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using StackExchange.Redis;

namespace Koubou.Scheduler.Stores.Redis;

/// <summary>
/// One list of tasks. Walks the narrowest index that the conditions allow, in short steps that hold nobody up, and looks
/// at the rest of the conditions on the way.
/// </summary>
internal sealed class RedisListing(RedisConnection connection, ListRequest request)
{
    private const int PageSizeDefault = 50;
    private const long TotalMaxDefault = 10_001;
    private const int PromptCharacters = 1_000;
    private const int StepMax = 1_000;
    private const int SortedInMemoryMax = 20_000;

    private readonly int _pageSize = request.PageSize == 0 ? PageSizeDefault : request.PageSize;
    private readonly long _totalMax = request.TotalMax == 0 ? TotalMaxDefault : request.TotalMax;
    private readonly List<RedisValue> _filter = WriteFilter(request);

    public async Task<ListReply> ReadAsync(CancellationToken cancellation)
    {
        var (page, total) = request.Order == TaskOrder.Unspecified
            ? await ReadBySubmissionAsync(cancellation)
            : await ReadSortedAsync(cancellation);
        var reply = new ListReply { Total = total };
        if (page.Count == 0)
        {
            return reply;
        }

        var shown = page.Take(_pageSize).ToList();
        var bytesMax = request.IncludeOutput ? 0 : 4 * PromptCharacters;
        var arguments = new List<RedisValue>(2 + shown.Count) { bytesMax, request.IncludeOutput };
        arguments.AddRange(shown.Select(found => (RedisValue)found.Id));
        foreach (var row in (RedisResult[])(await connection.CallAsync("get", arguments))!)
        {
            var record = RedisRows.ReadRecord(row);
            if (!request.IncludeOutput && record.Spec.Prompt.Length > PromptCharacters)
            {
                record.Spec.Prompt = Cut(record.Spec.Prompt);
            }

            reply.Tasks.Add(record);
        }

        if (page.Count > _pageSize)
        {
            reply.NextPageToken = WriteToken(shown[^1]);
        }

        return reply;
    }

    private async Task<(List<Found> Page, long Total)> ReadBySubmissionAsync(CancellationToken cancellation)
    {
        var place = ReadToken();
        var total = await TryCountAsync();
        var page = new List<Found>();
        var counted = 0L;
        var skipped = 0L;
        await foreach (var found in WalkAsync(total is null ? null : place?.Id, cancellation))
        {
            counted++;
            if (place is null || IsBeyond(found.Id, place.Value.Id))
            {
                if (skipped < request.Skip)
                {
                    skipped++;
                }
                else if (page.Count <= _pageSize)
                {
                    page.Add(found);
                }
            }

            if (page.Count > _pageSize && (total is not null || counted >= _totalMax))
            {
                break;
            }
        }

        return (page, Math.Min(_totalMax, total ?? counted));
    }

    private bool IsBeyond(string id, string place) =>
        request.OldestFirst ? string.CompareOrdinal(id, place) > 0 : string.CompareOrdinal(id, place) < 0;

    private async Task<(List<Found> Page, long Total)> ReadSortedAsync(CancellationToken cancellation)
    {
        var all = new List<Found>();
        await foreach (var found in WalkAsync(place: null, cancellation))
        {
            all.Add(found);
        }

        var direction = request.OldestFirst ? 1 : -1;
        all.Sort((left, right) => direction * Compare(left, right));
        IEnumerable<Found> rest = all;
        if (ReadToken() is { } place)
        {
            rest = all.Where(found => direction * Compare(found, place) > 0);
        }

        return ([.. rest.Skip((int)Math.Min(int.MaxValue, request.Skip)).Take(_pageSize + 1)], Math.Min(_totalMax, all.Count));
    }

    private int Compare(Found left, Found right) => SortValue(left) == SortValue(right)
        ? string.CompareOrdinal(left.Id, right.Id)
        : SortValue(left).CompareTo(SortValue(right));

    private long SortValue(Found found) => request.Order == TaskOrder.Priority ? found.Priority : found.FinishedAt;

    // Without further conditions the counters know.
    private async Task<long?> TryCountAsync()
    {
        var isPlain = request.Types_.Count == 0 && request.Client.Length == 0 && request.BatchId.Length == 0
            && request.Node.Length == 0 && request.Labels.Count == 0 && request.Text.Length == 0
            && request.SubmittedBefore is null && request.SubmittedAfter is null && request.FinishedBefore is null;
        if (!isPlain)
        {
            return null;
        }

        var counts = await connection.RunAsync(database => database.HashGetAllAsync(connection.Root.Append("cnt")));
        return counts
            .Where(count => request.States.Count == 0 || request.States.Contains((TaskState)(int)count.Name))
            .Sum(count => (long)count.Value);
    }

    private async IAsyncEnumerable<Found> WalkAsync(
        string? place, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var index = ChooseIndex();
        if (index is null && await ReadIdsAsync() is { } ids)
        {
            var order = request.OldestFirst
                ? ids.Order(StringComparer.Ordinal)
                : ids.OrderDescending(StringComparer.Ordinal);
            var kept = order.Where(id => IsWithin(id) && (place is null || IsBeyond(id, place)));
            foreach (var chunk in kept.Chunk(StepMax))
            {
                cancellation.ThrowIfCancellationRequested();
                var found = (RedisResult[])(await connection.CallAsync(
                    "match", [.. _filter, .. chunk.Select(id => (RedisValue)id)]))!;
                foreach (var each in ReadFound(found, 0))
                {
                    yield return each;
                }
            }

            yield break;
        }

        var (from, to) = Bounds();
        if (place is not null)
        {
            (from, to) = request.OldestFirst ? ("(" + place, to) : (from, "(" + place);
        }

        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var found = (RedisResult[])(await connection.CallAsync(
                "walk", [index ?? "all", !request.OldestFirst, from, to, StepMax, .. _filter]))!;
            foreach (var each in ReadFound(found, 1))
            {
                yield return each;
            }

            var last = (string)found[0]!;
            if (last.Length == 0)
            {
                yield break;
            }

            (from, to) = request.OldestFirst ? ("(" + last, to) : (from, "(" + last);
        }
    }

    private string? ChooseIndex()
    {
        if (request.BatchId.Length > 0)
        {
            return "bi:" + request.BatchId;
        }

        if (request.Labels.Count > 0)
        {
            var (name, value) = request.Labels.First();
            return $"l:{name}\0{value}";
        }

        return request.States is not [var state] ? "all" : state switch
        {
            TaskState.Blocked => "blk",
            TaskState.Failed or TaskState.Cancelled or TaskState.Expired =>
                "f" + ((int)state).ToString(CultureInfo.InvariantCulture),
            TaskState.Succeeded => "all",
            _ => null,
        };
    }

    // The ids of a state that has no index by submission, while they are few.
    private async Task<string[]?> ReadIdsAsync()
    {
        var ids = await connection.CallAsync("ids_in", [(int)request.States[0], SortedInMemoryMax]);
        return ids.IsNull ? null : (string[]?)ids;
    }

    private bool IsWithin(string id)
    {
        var (from, to) = Bounds();
        return (from == "-" || string.CompareOrdinal(id, from[1..]) >= 0)
            && (to == "+" || string.CompareOrdinal(id, to[1..]) < 0);
    }

    // As ZRANGEBYLEX takes them.
    private (string From, string To) Bounds()
    {
        var after = RedisValues.ToMilliseconds(request.SubmittedAfter);
        var before = RedisValues.ToMilliseconds(request.SubmittedBefore);
        var finished = RedisValues.ToMilliseconds(request.FinishedBefore);

        // A task finishes after it was submitted.
        before = before == 0 ? finished : finished == 0 ? before : Math.Min(before, finished);
        return (after == 0 ? "-" : "[" + FirstIdOf(after), before == 0 ? "+" : "(" + FirstIdOf(before));
    }

    private static string FirstIdOf(long milliseconds) => new TaskId(TaskId.FirstKeyOf(milliseconds), 0).ToString();

    private static IEnumerable<Found> ReadFound(RedisResult[] answer, int from)
    {
        for (var at = from; at < answer.Length; at += 3)
        {
            yield return new Found(
                (string)answer[at]!,
                long.Parse((string)answer[at + 1]!, CultureInfo.InvariantCulture),
                long.Parse((string)answer[at + 2]!, CultureInfo.InvariantCulture));
        }
    }

    private static List<RedisValue> WriteFilter(ListRequest request)
    {
        var written = new List<RedisValue>
        {
            string.Concat(request.States.Select(state => ((int)state).ToString(CultureInfo.InvariantCulture))),
            request.Types_.Count == 0 ? "" : "\0" + string.Join('\0', request.Types_) + "\0",
            request.Client,
            request.BatchId,
            request.Node,
            LowerAscii(request.Text),
            RedisValues.ToMilliseconds(request.FinishedBefore),
            request.Labels.Count,
        };
        foreach (var (name, value) in request.Labels)
        {
            written.Add(name);
            written.Add(value);
        }

        return written;
    }

    // As the server lowers: ASCII alone, so that other letters keep their bytes.
    private static string LowerAscii(string text) =>
        string.Create(text.Length, text, (span, from) =>
        {
            for (var index = 0; index < span.Length; index++)
            {
                span[index] = char.IsAsciiLetterUpper(from[index]) ? (char)(from[index] | 0x20) : from[index];
            }
        });

    private static string Cut(string prompt) => char.IsHighSurrogate(prompt[PromptCharacters - 1])
        ? prompt[..(PromptCharacters - 1)]
        : prompt[..PromptCharacters];

    // The id's two numbers, and before them what the list is sorted by. Samples: 7214398012.311, 8.7214398012.311.
    private string WriteToken(Found last)
    {
        var id = TaskId.Parse(last.Id);
        var sort = request.Order == TaskOrder.Unspecified ? "" : SortValue(last).ToString(CultureInfo.InvariantCulture) + ".";
        return string.Create(CultureInfo.InvariantCulture, $"{sort}{id.Key}.{id.Random}");
    }

    private Found? ReadToken()
    {
        if (request.PageToken.Length == 0)
        {
            return null;
        }

        var parts = request.PageToken.Split('.').Select(part => long.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        var id = new TaskId(parts.Length > 1 ? parts[^2] : parts[0], parts.Length > 1 ? parts[^1] : 0).ToString();
        return new Found(id, parts[0], parts[0]);
    }

    private readonly record struct Found(string Id, long Priority, long FinishedAt);
}
