namespace Koubou.Gateway.Tests.Parity;

/// <summary>What a door answered, without its form.</summary>
/// <param name="Id">The task, where one was submitted.</param>
/// <param name="State">The native word of its state.</param>
/// <param name="Output">Its answer.</param>
/// <param name="Refusal">What kind of refusal it was; null: none.</param>
/// <param name="Fields">The fields at fault, under the names of REST, in order.</param>
internal sealed record Said(
    string? Id = null, string? State = null, string? Output = null, string? Refusal = null, string Fields = "")
{
    public const string Invalid = "invalid";
    public const string Unknown = "unknown";
    public const string WrongState = "wrong_state";
    public const string NotAllowed = "not_allowed";
    public const string Full = "full";
    public const string KeyRequired = "key_required";

    /// <summary>From the types of problems, and from gRPC's own codes.</summary>
    public static string KindOf(string word) => word switch
    {
        "invalid_request" or "InvalidArgument" => Invalid,
        "unknown_task" or "NotFound" => Unknown,
        "wrong_state" or "FailedPrecondition" => WrongState,
        "scope_missing" => NotAllowed,
        "queue_full" or "ResourceExhausted" => Full,
        _ => word,
    };

    public static Said Refused(string word, IEnumerable<string>? fields = null) =>
        new(Refusal: KindOf(word.Split(':')[^1]), Fields: string.Join(' ', (fields ?? []).Order(StringComparer.Ordinal)));
}
