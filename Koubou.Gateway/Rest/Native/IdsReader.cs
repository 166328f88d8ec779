using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Errors;
using Koubou.Gateway.Intake;

namespace Koubou.Gateway.Rest.Native;

/// <summary>Reads <c>{"ids": ["…", "…"]}</c>.</summary>
internal static class IdsReader
{
    private const string Must = "must be a list of task ids";

    public static void Read(ref Utf8JsonReader reader, ChangeRequest request, FaultList faults)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            faults.Add("body", $"must be an object with ids; was {JsonInput.Show(ref reader)}");
            reader.Skip();
            return;
        }

        var sawIds = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonInput.Text(ref reader) ?? "…";
            reader.Read();
            if (name != "ids")
            {
                faults.Add(name, Nearest.Fault(name, "a field of this request", ["ids"]));
                reader.Skip();
                continue;
            }

            sawIds = true;
            ReadIds(ref reader, request, faults);
        }

        if (!sawIds)
        {
            faults.Add("ids", $"is missing; it {Must}");
        }
    }

    private static void ReadIds(ref Utf8JsonReader reader, ChangeRequest request, FaultList faults)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            faults.Add("ids", $"{Must}; was {JsonInput.Show(ref reader)}");
            reader.Skip();
            return;
        }

        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (reader.TokenType == JsonTokenType.String && JsonInput.Text(ref reader) is { } id)
            {
                request.Ids.Add(id);
                continue;
            }

            faults.Add($"ids[{i}]", $"must be a text; was {JsonInput.Show(ref reader)}");
            reader.Skip();
        }
    }
}
