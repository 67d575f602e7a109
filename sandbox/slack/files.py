"""Files in three steps: an address, the bytes, and where they are shared (facts: Files)."""

from __future__ import annotations

import mimetypes
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sandbox.slack.conversations import joined
from sandbox.slack.dialect import BOT_USER, Call, Failure, answer, invalid, new_id, new_ts, seconds
from sandbox.slack.messages import blank, keep
from sandbox.store import Store
from sandbox.twin import Record


def deprecated(_call: Call) -> Response:
    """files.upload: switched off for all since 2025-11-12."""
    raise Failure(error="method_deprecated")


def ask(call: Call) -> Response:
    """files.getUploadURLExternal."""
    name, length = call.need("filename"), call.whole("length", 0)
    if length <= 0:
        raise invalid("must be greater than 0: length")
    id = new_id(call.store, "F")
    call.store.bag.setdefault("awaited", {})[id] = {"id": id, "name": name, "size": length, "held": None}
    return answer(upload_url=f"{call.store.base_url}/upload/v1/{id}", file_id=id)


def take(store: Store, request: Request, body: bytes) -> Response:
    """The bytes themselves, without a token; there must be as many as were told."""
    awaited = store.bag.get("awaited", {}).get(request.path_params["key"])
    if awaited is None:
        return PlainTextResponse("not found", status_code=404)
    if len(body) != awaited["size"]:
        return PlainTextResponse(f"expected {awaited['size']} bytes", status_code=400)
    awaited["held"] = body.decode("utf-8", "replace")
    return PlainTextResponse(f"OK - {len(body)}")


def complete(call: Call) -> Response:
    """files.completeUploadExternal: in a channel, or in a thread of it, where one is named."""
    given = call.nested("files")
    if not isinstance(given, list) or not given:
        raise invalid("missing required field: files")
    shared = call.text("channel_id") or call.text("channels")
    channel = joined(_naming(call, shared))["id"] if shared else None
    files = [_made(call, one) for one in given]
    if channel:
        message = blank(call.text("initial_comment")) | {"ts": new_ts(call.store), "channel": channel, "files": files}
        if thread := call.text("thread_ts"):
            message["thread_ts"] = thread
        keep(call.store, message)
    return answer(files=files)


def delete(call: Call) -> Response:
    """files.delete: the file, and the message that was nothing but it."""
    id = call.need("file")
    if call.store.get("files", id) is None:
        raise Failure(error="file_not_found")
    call.store.delete("files", id)
    for place, message in call.store.items("messages"):
        left = [one for one in message.get("files", ()) if one["id"] != id]
        if left != message.get("files", []):
            if left or message["text"]:
                keep(call.store, {**message, "files": left})
            else:
                call.store.delete("messages", place)
    return answer()


def _naming(call: Call, channel: str) -> Call:
    return Call(store=call.store, request=call.request, method=call.method, given={"channel": channel})


def _made(call: Call, given: Any) -> Record:
    """A file whose bytes have come. Raises Failure ``file_not_found``."""
    awaited = call.store.bag.get("awaited", {}).pop(str((given or {}).get("id")), None)
    if awaited is None or awaited["held"] is None:
        raise Failure(error="file_not_found")
    name, now = awaited["name"], seconds(call.store.clock.now())
    told: Record = {"id": awaited["id"], "created": now, "timestamp": now, "name": name, "user": BOT_USER}
    told |= {"title": given.get("title") or name, "size": awaited["size"], "mode": "hosted", "is_external": False}
    told |= {"mimetype": mimetypes.guess_type(name)[0] or "application/octet-stream"}
    told |= {"filetype": name.rpartition(".")[2], "permalink": f"{call.store.base_url}/files/{awaited['id']}/{name}"}
    call.store.put("files", awaited["id"], {**told, "content": awaited["held"]})
    return told
