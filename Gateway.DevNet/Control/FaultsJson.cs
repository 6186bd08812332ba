using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Xmtp.Gateway.DevNet.Nodes;

namespace Xmtp.Gateway.DevNet.Control;

/// <summary>
/// A node's faults as JSON: <c>{"workerDelayMs":3000,"beforeStaging":{"answer":"UNAVAILABLE","every":10}}</c>. A
/// missing member means no fault.
/// </summary>
internal static class FaultsJson
{
    private const int MaxDelay = 24 * 60 * 60 * 1000;

    /// <summary>Writes faults.</summary>
    public static JsonObject Write(NodeFaults faults)
    {
        var json = new JsonObject();
        if (faults.WorkerDelay > TimeSpan.Zero) json["workerDelayMs"] = (int)faults.WorkerDelay.TotalMilliseconds;
        if (faults.ViewDelay > TimeSpan.Zero) json["viewDelayMs"] = (int)faults.ViewDelay.TotalMilliseconds;
        foreach (var (name, isSet) in Switches(faults))
            if (isSet)
                json[name] = true;
        if (faults.BeforeStaging is { } before) json["beforeStaging"] = Write(before);
        if (faults.AfterStaging is { } after) json["afterStaging"] = Write(after);
        return json;
    }

    /// <summary>Reads faults.</summary>
    /// <exception cref="FormatException">A member is invalid; the message names it.</exception>
    public static NodeFaults Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new FormatException("expected an object");
        return json.EnumerateObject().Aggregate(NodeFaults.None, (faults, member) => member.Name switch
        {
            "workerDelayMs" => faults with { WorkerDelay = TimeSpan.FromMilliseconds(Number(member, 0, MaxDelay)) },
            "viewDelayMs" => faults with { ViewDelay = TimeSpan.FromMilliseconds(Number(member, 0, MaxDelay)) },
            "workerStuck" => faults with { WorkerStuck = Switch(member) },
            "storageUnavailable" => faults with { StorageUnavailable = Switch(member) },
            "validationUnavailable" => faults with { ValidationUnavailable = Switch(member) },
            "ratesStale" => faults with { RatesStale = Switch(member) },
            "indexerStuck" => faults with { IndexerStuck = Switch(member) },
            "originatorHidden" => faults with { OriginatorHidden = Switch(member) },
            "replicationStopped" => faults with { ReplicationStopped = Switch(member) },
            "databaseReadOnly" => faults with { DatabaseReadOnly = Switch(member) },
            "otherNode" => faults with { OtherNode = Switch(member) },
            "beforeStaging" => faults with { BeforeStaging = PublishFault(member, mayBePage: true) },
            "afterStaging" => faults with { AfterStaging = PublishFault(member, mayBePage: false) },
            _ => throw new FormatException($"{member.Name}: not known"),
        });
    }

    private static IEnumerable<(string Name, bool IsSet)> Switches(NodeFaults faults) =>
    [
        ("workerStuck", faults.WorkerStuck),
        ("storageUnavailable", faults.StorageUnavailable),
        ("validationUnavailable", faults.ValidationUnavailable),
        ("ratesStale", faults.RatesStale),
        ("indexerStuck", faults.IndexerStuck),
        ("originatorHidden", faults.OriginatorHidden),
        ("replicationStopped", faults.ReplicationStopped),
        ("databaseReadOnly", faults.DatabaseReadOnly),
        ("otherNode", faults.OtherNode),
    ];

    private static JsonObject Write(PublishFault fault)
    {
        var json = new JsonObject();
        switch (fault.Kind)
        {
            case PublishFaultKind.Answer:
                json["answer"] = fault.Code.ToString();
                if (fault.Message.Length > 0) json["message"] = fault.Message;
                break;
            case PublishFaultKind.Page:
                json["page"] = fault.HttpStatus;
                break;
            default:
                json[fault.Kind == PublishFaultKind.Reset ? "reset" : "hang"] = true;
                break;
        }

        if (fault.Calls is { } calls) json["calls"] = calls;
        if (fault.Every > 1) json["every"] = fault.Every;
        return json;
    }

    private static PublishFault? PublishFault(JsonProperty member, bool mayBePage)
    {
        if (member.Value.ValueKind == JsonValueKind.Null) return null;
        if (member.Value.ValueKind != JsonValueKind.Object) throw new FormatException($"{member.Name}: expected an object");
        PublishFault? fault = null;
        var (message, calls, every) = ("", (int?)null, 1);
        foreach (var part in member.Value.EnumerateObject())
        {
            switch (part.Name)
            {
                case "answer":
                    fault = Nodes.PublishFault.Answer(Code(part));
                    break;
                case "reset" when Switch(part):
                    fault = Nodes.PublishFault.Reset();
                    break;
                case "hang" when Switch(part):
                    fault = Nodes.PublishFault.Hang();
                    break;
                case "page" when mayBePage:
                    fault = Nodes.PublishFault.Page(Number(part, 200, 599));
                    break;
                case "message":
                    message = part.Value.ValueKind == JsonValueKind.String
                        ? part.Value.GetString()!
                        : throw new FormatException($"{member.Name}.message: expected a text");
                    break;
                case "calls":
                    calls = Number(part, 1, int.MaxValue);
                    break;
                case "every":
                    every = Number(part, 1, int.MaxValue);
                    break;
                default:
                    throw new FormatException($"{member.Name}.{part.Name}: not known here");
            }
        }

        if (fault is null) throw new FormatException($"{member.Name}: expected answer, reset, hang or page");
        if (fault.Kind == PublishFaultKind.Answer) fault = Nodes.PublishFault.Answer(fault.Code, message);
        return fault with { Calls = calls, Every = every };
    }

    // As in gRPC, such as INVALID_ARGUMENT, as a number, or as in .NET.
    private static StatusCode Code(JsonProperty part)
    {
        var text = part.Value.ValueKind == JsonValueKind.String
            ? part.Value.GetString()!.Replace("_", "", StringComparison.Ordinal)
            : part.Value.GetRawText();
        return Enum.TryParse<StatusCode>(text, ignoreCase: true, out var code) && Enum.IsDefined(code) && code != StatusCode.OK
            ? code
            : throw new FormatException($"{part.Name}: expected a status of gRPC, such as UNAVAILABLE or 14");
    }

    private static bool Switch(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new FormatException($"{member.Name}: expected true or false"),
    };

    private static int Number(JsonProperty member, int min, int max) =>
        member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var number) && number >= min && number <= max
            ? number
            : throw new FormatException($"{member.Name}: expected a whole number from {min} to {max}");
}
